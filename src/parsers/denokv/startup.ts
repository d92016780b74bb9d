import type { DenokvIdentity } from '../../domain.ts';

const OPENED = /^Opened (PostgreSQL|SQLite) database at (\S+)/;

/** What a start-up line tells, its password gone; null when the line is none. */
export function readStartup(text: string): { readonly text: string; readonly identity: DenokvIdentity } | null {
  const match = OPENED.exec(text);
  if (match === null) return null;
  const target = match[2] ?? '';
  if (match[1] === 'SQLite') return { text, identity: { backend: 'sqlite', user: null, database: null, application: null } };
  const url = URL.canParse(target) ? new URL(target) : null;
  if (url === null) return { text: 'Opened PostgreSQL database at (unreadable address)', identity: anonymous() };
  const user = decodeURIComponent(url.username);
  return {
    text: `Opened PostgreSQL database at ${redact(url)}`,
    identity: {
      backend: 'postgres',
      user: user || url.searchParams.get('user'),
      // Postgres takes the user's name for a database that the address does not name.
      database: decodeURIComponent(url.pathname.slice(1)) || url.searchParams.get('dbname') || user || null,
      application: url.searchParams.get('application_name'),
    },
  };
}

function anonymous(): DenokvIdentity {
  return { backend: 'postgres', user: null, database: null, application: null };
}

function redact(url: URL): string {
  if (url.password !== '') url.password = '***';
  for (const key of [...url.searchParams.keys()]) if (/pass|secret|token|key/i.test(key)) url.searchParams.set(key, '***');
  return url.href;
}
