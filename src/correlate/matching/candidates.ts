import { englishOf } from '../causes/english.ts';
import type { PostgresErrorEvent } from '../../domain.ts';
import { classifyServerError, type Classification } from '../causes/classify.ts';
import { alignedFromUs, EVERYTHING, type Core } from '../core.ts';
import type { Learned } from '../learned.ts';
import { ownershipOf, type Identity, type Ownership } from '../identity/identity.ts';
import { intervalOf, type Interval } from '../timing/interval.ts';
import { useOfStatement, type StatementUse } from '../identity/statements.ts';
import type { Window } from '../window.ts';

/** A Postgres entry that some claim of denokv's may rest on. */
export interface Candidate {
  readonly entry: PostgresErrorEvent;
  readonly use: StatementUse;
  readonly ownership: Ownership;
  readonly classification: Classification;
  /** The session never came to be: the entry refuses a connection. */
  readonly connecting: boolean;
  /** The entry ends a session that had come to be. */
  readonly ending: boolean;
  readonly interval: Interval | null;
  /** Place among all entries of Postgres' log. */
  readonly rank: number;
}

/** Causes that only a connection attempt meets. */
const CONNECTING: ReadonlySet<string> = new Set([
  'too_many_connections',
  'authentication_failed',
  'database_missing',
  'server_starting',
  'auth_timeout',
  'tls_failure',
]);

/** What the server says when the client has gone: an effect of a dead socket, never its cause. */
const EFFECT = 'connection to client lost';

/** Candidates in the order in which Postgres wrote them. `offsetUs` is added to bring Postgres' clock to denokv's. */
export function candidatesOf(
  window: Window,
  identity: Identity,
  offsetUs: number,
  { learned, core = EVERYTHING }: { readonly learned?: Learned; readonly core?: Core } = {},
): Candidate[] {
  // A terse log shows no CONTEXT at all: that an entry has none then says nothing about it.
  const showsContext = learned?.showsContext ?? window.postgres.some(({ context }) => context !== null);
  const fromUs = alignedFromUs(core) - offsetUs;
  const candidates: Candidate[] = [];
  for (const [rank, entry] of window.postgres.entries()) {
    if (entry.kind !== 'postgres_error' || isEffect(entry)) continue;
    if (entry.at !== null && entry.at.us < fromUs) continue;
    const ownership = ownershipOf(entry, identity);
    if (ownership === null) continue;
    const { sqlstate, severity, message, detail } = entry;
    const classification = classifyServerError(showsContext ? entry : { sqlstate, severity, message, detail });
    const shuttingDown = entry.severity === 'FATAL' && englishOf(entry.message).includes('shutting down');
    const connecting = CONNECTING.has(classification.row.id) || shuttingDown || classification.sqlstate === '57P03';
    candidates.push({
      entry,
      use: useOfStatement(entry.statement),
      ownership,
      classification,
      connecting,
      ending: !connecting && (entry.severity === 'FATAL' || entry.severity === 'PANIC'),
      interval: entry.at === null ? null : intervalOf(entry.at, offsetUs),
      rank,
    });
  }
  return candidates;
}

function isEffect({ severity, message }: PostgresErrorEvent): boolean {
  return severity === 'FATAL' && englishOf(message).startsWith(EFFECT);
}
