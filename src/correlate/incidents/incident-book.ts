import type { Citation, Evidence, Incident } from '../../domain.ts';
import type { Claim } from '../matching/claims.ts';
import { textOfClaim } from '../matching/claims.ts';
import type { Diagnosis, Scene } from '../diagnosis/diagnosis.ts';
import { incidentId } from '../identifiers.ts';
import { crashEvidence, Signs } from './incident-evidence.ts';
import { categoryOf, type OpenedIncident } from './incidents.ts';
import type { Interval } from '../timing/interval.ts';
import { LockQueues } from './lock-queues.ts';
import { waitEvidence, type LockWait } from '../sessions/lock-waits.ts';
import { ownCopy } from '../own-copy.ts';
import { countWhile } from '../timing/partition.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { shortened } from '../identity/statements.ts';

/** A failure that has been put down to something. */
export interface Judged {
  readonly claim: Claim;
  readonly diagnosis: Diagnosis;
}

interface Timed<T extends Judged> {
  readonly one: T;
  readonly diagnosis: Diagnosis;
  readonly interval: Interval;
}

/** Causes that are a state of the server or of its settings: one state, many victims, over when they stop. */
const CONDITIONS: Readonly<Record<string, string>> = {
  disk_full: 'the disk under Postgres was full',
  too_many_connections: 'Postgres had no connection left to give',
  authentication_failed: 'Postgres refused who denokv said it was',
  database_missing: 'the database was away',
  read_only: 'the database took no writes',
  permission_denied: 'a permission was missing',
  missing_relation: 'a table was missing',
  missing_column: 'a column was missing',
  missing_function: 'a function was missing',
  missing_schema: 'a schema was missing',
  out_of_memory: 'Postgres had no memory left',
  out_of_locks: 'Postgres had no room for locks left',
  io_error: 'Postgres could not read or write its files',
  corrupted_data: 'stored data was damaged',
  tls_failure: 'no encrypted connection could be made',
};
/** Causes that are a condition only where no incident of the server's stands behind them. */
const UNROOTED: Readonly<Record<string, string>> = {
  connection_refused: 'nothing listened where denokv looks for Postgres, and its log tells of no stop',
  statement_timeout: 'statements took longer than statement_timeout, and no lock kept them',
};
const MIN_FAILURES = 3;
/** A client tries again every 200 to 300 ms: a condition that nobody meets for so long is over. */
const QUIET_US = 10_000_000;
/** A client hears of the end a moment after it. */
const GRACE_US = 1_000_000;

/** An incident with the failures that it explains; those are kept where somebody asks for them. */
export interface ExplainedIncident<T extends Judged> {
  readonly incident: Incident;
  readonly members: readonly T[];
}

interface Opening {
  readonly citation: Citation;
  readonly text: string;
}

/** Failures of one kind with no pause between them, and what is said of the first, since its window may be gone when they end. */
interface Spell<T extends Judged> {
  readonly kind: string;
  readonly cause: string;
  readonly summary: string;
  readonly startUs: number;
  readonly opening: Opening;
  /** What the first failure said, and who held what it waited for. */
  readonly words: string;
  readonly holder: readonly Evidence[];
  readonly detail: string | null;
  /** Its earliest failure's, as it was printed. */
  printedUs: number;
  lastUs: number;
  count: number;
  longestMs: number;
  readonly pids: Set<number>;
  readonly members: T[];
}

/**
 * Puts failures under incidents, window by window: what is kept of them is sums and the times at which they were. `isKept` false forgets the failures
 * themselves. Failures of one window come in any order, but windows in that of time.
 */
export class IncidentBook<T extends Judged> {
  readonly #isKept: boolean;
  readonly #open = new Map<string, Spell<T>>();
  readonly #over: Spell<T>[] = [];
  readonly #underEntry = new Map<unknown, { count: number; readonly members: T[] }>();
  readonly #startsUs: number[] = [];
  readonly #endsUs: number[] = [];
  readonly signs: Signs;

  constructor({ isKept, clockOffsetUs }: { readonly isKept: boolean; readonly clockOffsetUs: number }) {
    this.#isKept = isKept;
    this.signs = new Signs(clockOffsetUs);
  }

  /** @param around failures of the window beside these: a queue is read from all of them */
  add(
    failures: readonly T[],
    around: readonly T[],
    { sessions, incidents }: Pick<Scene, 'sessions' | 'incidents'>,
  ): void {
    const timed = inTime(failures);
    const opening = new Set<unknown>(incidents.map(({ entry }) => entry));
    const queues = new LockQueues(around);
    for (const one of timed) {
      const { diagnosis, interval } = one;
      this.#startsUs.push(interval.fromUs);
      this.#endsUs.push(interval.toUs);
      const entry = diagnosis.root?.entry;
      if (opening.has(entry)) this.#addUnder(entry, one.one);
      const cause = diagnosis.classification.row.id;
      const says = CONDITIONS[cause] ?? (diagnosis.root === null ? UNROOTED[cause] : undefined);
      if (says !== undefined) this.#addTo(cause, one, sessions, () => ({ cause, summary: says }));
      const { wait } = diagnosis;
      if (wait === null) continue;
      const pid = queues.headOf(wait, interval.fromUs);
      this.#addTo(`lock_pile_up ${String(pid)}`, one, sessions, () => pileUp(pid, wait, sessions));
    }
    this.#putAway(timed.at(-1)?.interval.fromUs ?? 0);
  }

  /** Every incident with the failures under it: the server's own (crash, shutdown, start), then conditions and lock pile-ups, in order of time. */
  close(server: readonly OpenedIncident[]): ExplainedIncident<T>[] {
    const shareOf = shareAmong(this.#startsUs, this.#endsUs);
    const ofServer = server.flatMap(({ entry, ...incident }): ExplainedIncident<T>[] => {
      const { count, members } = this.#underEntry.get(entry) ?? { count: 0, members: [] };
      // Every log begins with a start; only one that somebody met is an incident.
      if (incident.cause === 'server_starting' && count === 0) return [];
      const share = shareOf(count, incident.startUs, incident.endUs);
      const own = incident.cause === 'server_crash' ? crashEvidence(entry) : [];
      return [{ incident: { ...incident, failures: count, share, evidence: [...incident.evidence, ...own] }, members }];
    });
    const spells = [...this.#over, ...this.#open.values()]
      .filter(({ count }) => count >= MIN_FAILURES)
      .map((spell) => ({ incident: incidentOf(spell, shareOf), members: spell.members }));
    return [...ofServer, ...spells]
      .map(({ incident, members }) => ({
        incident: { ...incident, evidence: [...incident.evidence, ...this.signs.beside(incident)] },
        members,
      }))
      .sort(({ incident: a }, { incident: b }) => a.startUs - b.startUs || (a.id < b.id ? -1 : 1));
  }

  /** Spells that nothing later can belong to; a failure's time may yet turn out to be finer by a second. */
  #putAway(nowUs: number): void {
    for (const [kind, spell] of this.#open) {
      if (nowUs - spell.lastUs <= 2 * QUIET_US) continue;
      this.#open.delete(kind);
      if (spell.count >= MIN_FAILURES) this.#over.push(spell);
    }
  }

  #addUnder(entry: unknown, one: T): void {
    let under = this.#underEntry.get(entry);
    if (under === undefined) this.#underEntry.set(entry, (under = { count: 0, members: [] }));
    under.count += 1;
    if (this.#isKept) under.members.push(one);
  }

  /** Failures of one kind are cut where nothing happened for a while. */
  #addTo(
    kind: string,
    one: Timed<T>,
    sessions: Sessions,
    describe: () => { readonly cause: string; readonly summary: string },
  ): void {
    const { diagnosis, interval } = one;
    const known = this.#open.get(kind);
    const goesOn = known !== undefined && interval.fromUs - known.lastUs <= QUIET_US;
    if (known !== undefined && !goesOn && known.count >= MIN_FAILURES) this.#over.push(known);
    const spell = goesOn ? known : begun(kind, one, sessions, describe());
    if (!goesOn) this.#open.set(kind, spell);
    spell.count += 1;
    spell.printedUs = Math.min(spell.printedUs, one.one.claim.event.at?.us ?? interval.fromUs);
    spell.lastUs = interval.toUs;
    spell.longestMs = Math.max(spell.longestMs, diagnosis.wait?.waitedMs ?? 0);
    const pid = diagnosis.match?.candidate.entry.pid ?? null;
    if (pid !== null) spell.pids.add(pid);
    if (this.#isKept) spell.members.push(one.one);
  }
}

function begun<T extends Judged>(
  kind: string,
  first: Timed<T>,
  sessions: Sessions,
  { cause, summary }: { readonly cause: string; readonly summary: string },
): Spell<T> {
  const { wait, match } = first.diagnosis;
  const words = shortened(textOfClaim(first.one.claim));
  const holder = wait === null ? [] : waitEvidence(wait, sessions).slice(0, 1);
  const detail = wait === null ? (match?.candidate.entry.detail ?? null) : null;
  return {
    ...ownCopy({ kind, cause, summary, opening: openingOf(first), words, holder, detail }),
    startUs: first.interval.fromUs,
    printedUs: Number.POSITIVE_INFINITY,
    lastUs: 0,
    count: 0,
    longestMs: 0,
    pids: new Set(),
    members: [],
  };
}

function inTime<T extends Judged>(failures: readonly T[]): Timed<T>[] {
  return failures
    .flatMap((one): Timed<T>[] => {
      const { interval } = one.claim;
      return interval === null ? [] : [{ one, diagnosis: one.diagnosis, interval }];
    })
    .sort((a, b) => a.interval.fromUs - b.interval.fromUs);
}

/** What the victims themselves show: the words of the first, how many sessions and requests, and who held the lock. */
function evidenceOf<T extends Judged>({ words, holder, detail, count, longestMs, pids }: Spell<T>): Evidence[] {
  return [
    ...holder,
    {
      rule: 'victims',
      weight: 2,
      says: `${String(count)} failures${pids.size === 0 ? '' : ` in ${String(pids.size)} sessions`}${longestMs === 0 ? '' : `, waits of ${String(Math.round(longestMs))} ms and more`}; the first: ${words}`,
    },
    ...(detail === null ? [] : [{ rule: 'detail', weight: 1, says: shortened(detail) }]),
  ];
}

function incidentOf<T extends Judged>(spell: Spell<T>, shareOf: ShareOf): Incident {
  const { kind, cause, summary, startUs, opening, count, lastUs: endUs, printedUs } = spell;
  return {
    id: incidentId(kind, printedUs),
    cause,
    category: categoryOf(cause),
    startUs,
    endUs,
    summary,
    opening: opening.citation,
    text: opening.text,
    evidence: evidenceOf(spell),
    failures: count,
    share: shareOf(count, startUs, endUs),
  };
}

function openingOf<T extends Judged>({ one, diagnosis }: Timed<T>): Opening {
  const entry = diagnosis.root?.entry ?? diagnosis.match?.candidate.entry;
  return entry === undefined
    ? { citation: one.claim.event.citation, text: textOfClaim(one.claim) }
    : { citation: entry.citation, text: entry.message };
}

function pileUp(
  pid: number,
  { entry }: LockWait,
  sessions: Sessions,
): { readonly cause: string; readonly summary: string } {
  const who = sessions.nameOf(pid, entry);
  return {
    cause: 'lock_pile_up',
    summary: `requests waited for locks behind pid ${String(pid)}${who === null ? '' : ` (${who})`}`,
  };
}

/** What share of a time's failures is so many. */
type ShareOf = (under: number, startUs: number, endUs: number | null) => number;

function shareAmong(startsUs: readonly number[], endsUs: readonly number[]): ShareOf {
  const starts = Float64Array.from(startsUs).sort();
  const ends = Float64Array.from(endsUs).sort();
  return (under, startUs, endUs) => {
    const begun = endUs === null ? starts.length : countWhile(starts, (us) => us < endUs + GRACE_US);
    const over = countWhile(ends, (us) => us <= startUs);
    const within = Math.max(begun - over, under);
    return within === 0 ? 0 : Math.round((under / within) * 1000) / 1000;
  };
}
