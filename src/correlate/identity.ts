import { englishOf } from './causes/english.ts';
import type { DenokvIdentity, DenokvNoteEvent, PostgresErrorEvent, PostgresSession } from '../domain.ts';
import { useOfStatement, type StatementUse } from './statements.ts';
import type { Window } from './window.ts';

/** Who denokv's sessions are: what its start-up lines say, and what sessions with its very statements showed. Empty sets mean: not known. */
export interface Identity {
  readonly users: ReadonlySet<string>;
  readonly databases: ReadonlySet<string>;
  readonly applications: ReadonlySet<string>;
  readonly backend: DenokvIdentity['backend'] | null;
}

/** How an entry stands to denokv: natural logarithm of the odds that it is denokv's, against an entry of which nothing is known. */
export interface Ownership {
  readonly weight: number;
  readonly says: string;
}

/** Refused connections name the user in their message, also where the prefix doesn't. */
const NAMED_USER = /(?:for user|for role|user|role) "([^"]+)"/;
const DENOKV_USES: ReadonlySet<StatementUse> = new Set<StatementUse>([
  'atomic_write',
  'snapshot_read',
  'background',
  'startup',
]);

/** What a user says of denokv's sessions; null parts are learned. */
export type IdentityHint = Partial<Pick<DenokvIdentity, 'user' | 'database' | 'application'>>;

export function learnIdentity(window: Window, known: readonly DenokvIdentity[], configured: IdentityHint): Identity {
  const seen = window.denokv.flatMap((event) => (event.kind === 'denokv_note' ? identityOf(event) : []));
  const startups = [...known, ...seen];
  const told = {
    users: valuesOf(startups, 'user', configured),
    databases: valuesOf(startups, 'database', configured),
    applications: valuesOf(startups, 'application', configured),
  };
  if (told.users.size > 0) return { ...told, backend: startups.at(-1)?.backend ?? null };
  const sessions = window.postgres.filter((entry) => DENOKV_USES.has(useOfStatement(entry.statement)));
  return {
    users: common(sessions, 'user'),
    databases: common(sessions, 'database'),
    applications: common(sessions, 'application'),
    backend: startups.at(-1)?.backend ?? null,
  };
}

/** Null when the entry is surely somebody else's: such an entry is never a candidate. */
export function ownershipOf(entry: PostgresErrorEvent, identity: Identity): Ownership | null {
  const use = useOfStatement(entry.statement);
  if (use === 'foreign') return null;
  let weight = 0;
  const says: string[] = [];
  for (const [known, value, name] of [
    [identity.users, entry.user, 'user'],
    [identity.databases, entry.database, 'database'],
    [identity.applications, entry.application, 'application'],
  ] as const) {
    if (known.size === 0 || value === null) continue;
    if (!known.has(value)) return null;
    weight += 1;
    says.push(`${name} ${value}`);
  }
  // denokv named itself nowhere, so a session that has a name is another program's.
  if (identity.users.size > 0 && identity.applications.size === 0 && entry.application !== null) return null;
  if (DENOKV_USES.has(use)) {
    weight += 3;
    says.push("denokv's own statement");
  }
  const named = NAMED_USER.exec(englishOf(entry.message))?.[1];
  if (named !== undefined && identity.users.size > 0 && !identity.users.has(named)) return null;
  return { weight, says: says.join(', ') || 'nothing in the log tells whose session this is' };
}

function identityOf(note: DenokvNoteEvent): DenokvIdentity[] {
  return note.identity === null ? [] : [note.identity];
}

function valuesOf(
  identities: readonly DenokvIdentity[],
  key: 'user' | 'database' | 'application',
  configured: IdentityHint,
): Set<string> {
  const fixed = configured[key];
  if (fixed != null) return new Set([fixed]);
  return new Set(identities.flatMap((identity) => identity[key] ?? []));
}

/** Names that denokv's statements came under often enough to be no accident (an operator trying one by hand). */
function common(sessions: readonly PostgresSession[], key: 'user' | 'database' | 'application'): Set<string> {
  const counts = new Map<string, number>();
  for (const session of sessions) {
    const value = session[key];
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count >= sessions.length * 0.1).map(([value]) => value));
}
