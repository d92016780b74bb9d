import { causeById } from '../causes/catalogue.ts';
import { englishOf } from '../causes/english.ts';
import type { CauseCategory, Incident, PostgresContextEvent, PostgresErrorEvent } from '../../domain.ts';
import { incidentId } from '../identifiers.ts';
import { kernelKillOf } from '../sessions/kernel-kills.ts';
import type { SessionEntry } from '../sessions/sessions.ts';
import type { Window } from '../window.ts';

/** An incident of the whole server while the joiner works: with the entry that opened it, its failures not yet counted. */
export interface OpenedIncident extends Omit<Incident, 'failures' | 'share'> {
  readonly entry: PostgresContextEvent | PostgresErrorEvent;
}

interface Opening {
  readonly cause: string;
  readonly pattern: RegExp;
  readonly says: (match: RegExpExecArray) => string;
}

/** Entries after which the whole server is away, and what they mean. Severity LOG, SQLSTATE 00000, written by the postmaster. */
const OPENINGS: readonly Opening[] = [
  {
    cause: 'server_crash',
    pattern:
      /^[^()]{1,60} \(PID (\d+)\) (?:was terminated by|exited with exit code (?![01]\b)|exited with unexpected)(.*)/,
    says: (match) =>
      `backend ${match[1] ?? '?'} was killed${/signal 9\b/.test(match[2] ?? '') ? ' by signal 9 (the kernel kills so when memory runs out)' : ''} and took every session with it`,
  },
  {
    cause: 'server_shutdown',
    pattern: /^received (fast|immediate|smart) shutdown request/,
    says: (match) => `Postgres was told to shut down (${match[1] ?? ''})`,
  },
  {
    cause: 'server_starting',
    pattern: /^(?:starting PostgreSQL \d|database system was interrupted)/,
    says: () => 'Postgres was started, and took no connection until it was ready',
  },
];
/** Lock waits and durations: of what a storm's log holds besides errors nearly all, and never the postmaster's word. */
const OF_ONE_SESSION = /^(?:process \d|duration: )/;
const READY = /^database system is ready to accept (?:read[- ]only )?connections/;

/** Whether an entry opens or closes an incident: such entries are worth keeping for as long as anybody asks. */
export function isLandmark({ message }: PostgresContextEvent): boolean {
  const english = englishOf(message);
  return READY.test(english) || OPENINGS.some(({ pattern }) => pattern.test(english));
}

/** Whether an incident is a spell of failures alike: nothing but they show when it began. The others have an entry that opens them. */
export function isSpell({ cause }: Pick<Incident, 'cause'>): boolean {
  return !OPENINGS.some((opening) => opening.cause === cause);
}

/** Crash .. ready, shutdown request .. ready, start .. ready, in order of time. A shutdown inside a crash's window is part of it. */
export function incidentsOf(window: Window, offsetUs: number): OpenedIncident[] {
  const incidents: OpenedIncident[] = [];
  let open: OpenedIncident | null = null;
  const kills = window.postgres.filter(({ format }) => format === 'kernel');
  for (const entry of window.postgres) {
    if (entry.kind !== 'postgres_context' || entry.at === null || OF_ONE_SESSION.test(entry.message)) continue;
    const atUs = entry.at.us + offsetUs;
    const message = englishOf(entry.message);
    if (open !== null && READY.test(message)) {
      incidents[incidents.length - 1] = { ...open, endUs: atUs };
      open = null;
      continue;
    }
    const opened: OpenedIncident | null = openingOf(entry, message, atUs, kills);
    // A shutdown that is made faster (smart, then fast) goes on; a crash during it is a new thing. Any of them ends with a start.
    if (opened === null || opened.cause === open?.cause || (open !== null && opened.cause === 'server_starting'))
      continue;
    if (open !== null) incidents[incidents.length - 1] = { ...open, endUs: atUs };
    open = opened;
    incidents.push(opened);
  }
  return incidents;
}

/** A pile-up of locks is no cause of one failure: those are timeouts. */
export function categoryOf(cause: string): CauseCategory {
  return causeById(cause)?.category ?? 'timeout';
}

/** When something was seen, and what the server itself said of its end, if it did. */
export interface Moment {
  readonly fromUs: number;
  readonly toUs: number;
  readonly noticed: string | null;
}

/**
 * The incident under which a moment falls. Its lines may be seen by the client a little after it is over, and clocks may differ a little. Of several it is
 * what the server said, else the last that had begun.
 */
export function incidentAt(
  incidents: readonly OpenedIncident[],
  { fromUs, toUs, noticed }: Moment,
  graceUs: number,
): OpenedIncident | null {
  const met = incidents.filter(
    ({ startUs, endUs }) => startUs < toUs + graceUs && (endUs === null || endUs + graceUs >= fromUs),
  );
  return (
    met.findLast(({ cause }) => cause === noticed) ??
    met.findLast(({ startUs }) => startUs < toUs) ??
    met.at(-1) ??
    null
  );
}

function openingOf(
  entry: PostgresContextEvent,
  message: string,
  startUs: number,
  kills: readonly SessionEntry[],
): OpenedIncident | null {
  for (const { cause, pattern, says } of OPENINGS) {
    const match = pattern.exec(message);
    if (match === null) continue;
    const killed = cause === 'server_crash' ? kernelKillOf(entry, kills) : [];
    return {
      id: incidentId(cause, entry.at?.us ?? startUs),
      cause,
      category: categoryOf(cause),
      startUs,
      endUs: null,
      summary: killed.length === 0 ? says(match) : `${says(match)}; the kernel's log says that memory ran out`,
      opening: entry.citation,
      text: entry.message,
      evidence: killed,
      entry,
    };
  }
  return null;
}
