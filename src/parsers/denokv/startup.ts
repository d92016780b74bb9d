import type { DenokvIdentity } from '../../domain.ts';
import { readConnectionString } from './connection-string.ts';

const OPENED = /^Opened (PostgreSQL|SQLite) database at ([^]*)$/;
const UNKNOWN: DenokvIdentity = { backend: 'postgres', user: null, database: null, application: null };

/** What a start-up line tells, its password gone; null when the line is none. */
export function readStartup(text: string): { readonly text: string; readonly identity: DenokvIdentity } | null {
  const match = OPENED.exec(text);
  if (match === null) return null;
  if (match[1] === 'SQLite') return { text, identity: { ...UNKNOWN, backend: 'sqlite' } };
  const address = readConnectionString((match[2] ?? '').trim());
  return {
    text: `Opened PostgreSQL database at ${address?.redacted ?? '(unreadable address)'}`,
    identity: address?.identity ?? UNKNOWN,
  };
}
