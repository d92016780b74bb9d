import { englishOf } from '../causes/english.ts';
import type { DenokvIdentity, PostgresContextEvent, PostgresErrorEvent, PostgresSession } from '../../domain.ts';
import { useOfStatement, type StatementUse } from './statements.ts';
import type { Window } from '../window.ts';

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
const NAMED_DATABASE = /\bdatabase "([^"]+)"/;
/** What share of denokv's statements a name must stand at to be taken for denokv's; more of them where its start-up line gave none. */
const MIN_SHARE = { known: 0.1, unnamed: 0.5 } as const;
const DENOKV_USES: ReadonlySet<StatementUse> = new Set<StatementUse>([
  'atomic_write',
  'snapshot_read',
  'background',
  'startup',
]);

/** What a user says of denokv's sessions; null parts are learned. */
export type IdentityHint = Partial<Pick<DenokvIdentity, 'user' | 'database' | 'application'>>;

/** What the user configured outweighs start-up lines, and those outweigh what is learned from sessions that ran denokv's own statements. */
export function learnIdentity(window: Window, known: readonly DenokvIdentity[], configured: IdentityHint): Identity {
  const seen = window.denokv.flatMap((event) => (event.kind === 'denokv_note' ? (event.identity ?? []) : []));
  const tally = new SessionTally();
  for (const entry of window.postgres) tally.add(entry);
  return identityOf([...known, ...seen], tally.counts, configured);
}

/** A session's names, and how many entries with denokv's own statements came under them. */
interface CountedSession extends SessionNames {
  count: number;
}

type SessionNames = Pick<PostgresSession, 'user' | 'database' | 'application'>;

/** Who ran denokv's own statements, and how often: what a log of any length tells of that. */
export class SessionTally {
  readonly #counts = new Map<string, CountedSession>();
  #last: CountedSession | null = null;

  add({ statement, user, database, application }: PostgresErrorEvent | PostgresContextEvent): void {
    if (!DENOKV_USES.has(useOfStatement(statement))) return;
    const last = this.#last;
    if (last !== null && last.user === user && last.database === database && last.application === application) {
      last.count += 1;
      return;
    }
    const key = JSON.stringify([user, database, application]);
    let counted = this.#counts.get(key);
    if (counted === undefined) this.#counts.set(key, (counted = { user, database, application, count: 0 }));
    counted.count += 1;
    this.#last = counted;
  }

  get counts(): readonly CountedSession[] {
    return [...this.#counts.values()];
  }
}

export function identityOf(
  startups: readonly DenokvIdentity[],
  sessions: readonly CountedSession[],
  configured: IdentityHint,
): Identity {
  const told = (key: keyof IdentityHint): ReadonlySet<string> => {
    const fixed = configured[key];
    return new Set(fixed == null ? startups.flatMap((identity) => identity[key] ?? []) : [fixed]);
  };
  const backend = startups.at(-1)?.backend ?? null;
  const users = told('user');
  const databases = told('database');
  const applications = told('application');
  const own = sessions.filter(({ user, database }) => mayBe(users, user) && mayBe(databases, database));
  return {
    users: users.size > 0 ? users : common(own, 'user', MIN_SHARE.known),
    databases: databases.size > 0 || users.size > 0 ? databases : common(own, 'database', MIN_SHARE.known),
    // A role's setting may name the application where denokv's URL does not.
    applications:
      applications.size > 0
        ? applications
        : common(own, 'application', users.size > 0 ? MIN_SHARE.unnamed : MIN_SHARE.known),
    backend,
  };
}

function mayBe(known: ReadonlySet<string>, value: string | null): boolean {
  return known.size === 0 || value === null || known.has(value);
}

/** What all entries of a session's names have in common, told by whether the statement is denokv's own. */
interface NamedOwnership extends SessionNames {
  readonly isOwnStatement: boolean;
  readonly ownership: Ownership | null;
}

/** A server has some dozens of names; beyond these each entry is looked at by itself. */
const MAX_NAMED = 64;
/** By identity: a storm has tens of thousands of entries, and a handful of names. */
const namedOwnerships = new WeakMap<Identity, NamedOwnership[]>();

/** Null when the entry is surely somebody else's: such an entry is never a candidate. */
export function ownershipOf(entry: PostgresErrorEvent, identity: Identity): Ownership | null {
  const use = useOfStatement(entry.statement);
  if (use === 'foreign') return null;
  const ownership = ownershipByNames(entry, DENOKV_USES.has(use), identity);
  return ownership === null || namesAnother(entry, identity) ? null : ownership;
}

function ownershipByNames(names: SessionNames, isOwnStatement: boolean, identity: Identity): Ownership | null {
  let named = namedOwnerships.get(identity);
  if (named === undefined) namedOwnerships.set(identity, (named = []));
  const { user, database, application } = names;
  for (const known of named)
    if (
      known.isOwnStatement === isOwnStatement &&
      known.user === user &&
      known.database === database &&
      known.application === application
    )
      return known.ownership;
  const ownership = weighNames(names, isOwnStatement, identity);
  if (named.length < MAX_NAMED) named.push({ user, database, application, isOwnStatement, ownership });
  return ownership;
}

function weighNames(names: SessionNames, isOwnStatement: boolean, identity: Identity): Ownership | null {
  let weight = 0;
  const says: string[] = [];
  for (const [known, value, name] of [
    [identity.users, names.user, 'user'],
    [identity.databases, names.database, 'database'],
    [identity.applications, names.application, 'application'],
  ] as const) {
    if (known.size === 0 || value === null) continue;
    if (!known.has(value)) return null;
    weight += 1;
    says.push(`${name} ${value}`);
  }
  // denokv named itself nowhere, so a session that has a name is another program's.
  if (identity.users.size > 0 && identity.applications.size === 0 && names.application !== null) return null;
  if (isOwnStatement) {
    weight += 3;
    says.push("denokv's own statement");
  }
  return { weight, says: says.join(', ') || 'nothing in the log tells whose session this is' };
}

/** A refusal names whom it refused; an ERROR may speak of anybody. */
function namesAnother({ severity, message }: PostgresErrorEvent, { users, databases }: Identity): boolean {
  if (severity !== 'FATAL') return false;
  const english = englishOf(message);
  return isAnother(NAMED_USER.exec(english)?.[1], users) || isAnother(NAMED_DATABASE.exec(english)?.[1], databases);
}

function isAnother(named: string | undefined, known: ReadonlySet<string>): boolean {
  return named !== undefined && !mayBe(known, named);
}

/** Names that denokv's statements came under often enough to be no accident (an operator trying one by hand). */
function common(
  sessions: readonly CountedSession[],
  key: 'user' | 'database' | 'application',
  minShare: number,
): ReadonlySet<string> {
  const counts = new Map<string, number>();
  let all = 0;
  for (const session of sessions) {
    const value = session[key];
    all += session.count;
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + session.count);
  }
  return new Set([...counts].filter(([, count]) => count >= all * minShare).map(([value]) => value));
}
