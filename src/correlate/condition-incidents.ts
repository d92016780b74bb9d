import type { Citation, Incident } from '../domain.ts';
import type { Claim } from './claims.ts';
import { textOfClaim } from './claims.ts';
import type { Diagnosis } from './diagnosis.ts';
import { groupBy } from './group-by.ts';
import { incidentId } from './identifiers.ts';
import { categoryOf, type OpenedIncident } from './incidents.ts';
import type { Interval } from './interval.ts';
import { countWhile } from './partition.ts';
import type { Sessions } from './sessions.ts';

/** A failure that has been put down to something, and when it was. */
export interface Judged {
  readonly claim: Claim;
  readonly diagnosis: Diagnosis;
}

interface Timed extends Judged {
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
  out_of_memory: 'Postgres had no memory left',
  out_of_locks: 'Postgres had no room for locks left',
};
const MIN_FAILURES = 3;
/** A client tries again every 200 to 300 ms: a condition that nobody meets for so long is over. */
const QUIET_US = 10_000_000;
/** A client hears of the end a moment after it. */
const GRACE_US = 1_000_000;
const MAX_HOLDERS = 16;
/** A queue that lasts is let through and forms anew: only waits of one moment are one chain. */
const SAME_QUEUE_US = 2_000_000;

/** Every incident with the failures under it: the server's own (crash, shutdown), then conditions and lock pile-ups, in order of time. */
export function incidentsWithFailures(
  server: readonly OpenedIncident[],
  judged: readonly Judged[],
  sessions: Sessions,
): Incident[] {
  const timed = judged.flatMap((one): Timed[] =>
    one.claim.interval === null ? [] : [{ ...one, interval: one.claim.interval }],
  );
  const shareOf = shareAmong(timed);
  const underEntry = new Map<unknown, number>();
  for (const { diagnosis } of timed) {
    const opening = diagnosis.root?.entry;
    underEntry.set(opening, (underEntry.get(opening) ?? 0) + 1);
  }
  const ofServer = server.map(({ entry, ...incident }): Incident => {
    const under = underEntry.get(entry) ?? 0;
    return { ...incident, failures: under, share: shareOf(under, incident.startUs, incident.endUs) };
  });
  const conditions = [...groupBy(timed, ({ diagnosis }) => diagnosis.classification.row.id)].flatMap(
    ([cause, members]) => {
      const says = CONDITIONS[cause];
      return says === undefined ? [] : spells(members).map((spell) => incidentOf(cause, says, spell, shareOf));
    },
  );
  const waiting = timed.filter(({ diagnosis }) => diagnosis.wait !== null);
  const byWaiter = groupBy(waiting, ({ diagnosis }) => String(diagnosis.wait?.pid));
  const pileUps = [...groupBy(waiting, (one) => String(blockerOf(one, byWaiter)))].flatMap(([pid, members]) =>
    spells(members).map((spell) =>
      incidentOf('lock_pile_up', pileUpSummary(Number(pid), spell, sessions), spell, shareOf),
    ),
  );
  return [...ofServer, ...conditions, ...pileUps].sort((a, b) => a.startUs - b.startUs || (a.id < b.id ? -1 : 1));
}

/** Cuts failures of one kind where nothing happened for a while; short ones are no incident. */
function spells(members: readonly Timed[]): Timed[][] {
  const sorted = [...members].sort((a, b) => a.interval.fromUs - b.interval.fromUs);
  const found: Timed[][] = [];
  for (const one of sorted) {
    const open = found.at(-1);
    const last = open?.at(-1);
    if (open === undefined || last === undefined || one.interval.fromUs - last.interval.toUs > QUIET_US)
      found.push([one]);
    else open.push(one);
  }
  return found.filter((spell) => spell.length >= MIN_FAILURES);
}

function incidentOf(cause: string, summary: string, spell: readonly Timed[], shareOf: ShareOf): Incident {
  const first = spell[0];
  const last = spell.at(-1);
  const opening = openingOf(first);
  const startUs = first?.interval.fromUs ?? 0;
  const endUs = last?.interval.toUs ?? startUs;
  return {
    id: incidentId(cause, startUs, opening.text),
    cause,
    category: categoryOf(cause),
    startUs,
    endUs,
    summary,
    opening: opening.citation,
    text: opening.text,
    evidence: [],
    failures: spell.length,
    share: shareOf(spell.length, startUs, endUs),
  };
}

function openingOf(first: Timed | undefined): { readonly citation: Citation; readonly text: string } {
  const entry = first?.diagnosis.root?.entry ?? first?.diagnosis.match?.candidate.entry;
  if (entry !== undefined) return { citation: entry.citation, text: entry.message };
  if (first !== undefined) return { citation: first.claim.event.citation, text: textOfClaim(first.claim) };
  return { citation: { fileId: 0, file: '', line: 0, lines: 0, byteStart: 0, byteEnd: 0 }, text: '' };
}

/** The session at the end of the queue's chain: who waits on a tuple waits on the first in line, and that one, at the same time, on the holder. */
function blockerOf({ diagnosis, interval }: Timed, byWaiter: ReadonlyMap<string, readonly Timed[]>): number {
  let pid = diagnosis.wait?.holders[0] ?? 0;
  for (let step = 0; step < MAX_HOLDERS; step++) {
    const waits = byWaiter.get(String(pid)) ?? [];
    const same = waits.find((other) => Math.abs(other.interval.fromUs - interval.fromUs) <= SAME_QUEUE_US);
    const next = same?.diagnosis.wait?.holders[0];
    if (next === undefined || next === pid) break;
    pid = next;
  }
  return pid;
}

function pileUpSummary(pid: number, spell: readonly Timed[], sessions: Sessions): string {
  const entry = spell[0]?.diagnosis.wait?.entry;
  const who = entry === undefined ? null : sessions.nameOf(pid, entry);
  return `requests waited for locks behind pid ${String(pid)}${who === null ? '' : ` (${who})`}`;
}

/** What share of a time's failures is so many. */
type ShareOf = (under: number, startUs: number, endUs: number | null) => number;

function shareAmong(all: readonly Timed[]): ShareOf {
  const starts = all.map(({ interval }) => interval.fromUs).sort((a, b) => a - b);
  const ends = all.map(({ interval }) => interval.toUs).sort((a, b) => a - b);
  return (under, startUs, endUs) => {
    const begun = endUs === null ? all.length : countWhile(starts, (us) => us < endUs + GRACE_US);
    const over = countWhile(ends, (us) => us <= startUs);
    const within = Math.max(begun - over, under);
    return within === 0 ? 0 : Math.round((under / within) * 1000) / 1000;
  };
}
