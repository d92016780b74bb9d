import type { Citation, Evidence, Incident } from '../domain.ts';
import type { Claim } from './claims.ts';
import { textOfClaim } from './claims.ts';
import type { Diagnosis } from './diagnosis.ts';
import { groupBy } from './group-by.ts';
import { incidentId } from './identifiers.ts';
import { crashEvidence, Signs } from './incident-evidence.ts';
import { categoryOf, type OpenedIncident } from './incidents.ts';
import type { Interval } from './interval.ts';
import { waitEvidence } from './lock-waits.ts';
import { countWhile } from './partition.ts';
import type { Sessions } from './sessions.ts';
import { shortened } from './statements.ts';

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
const MAX_HOLDERS = 16;
/** A queue that lasts is let through and forms anew: only waits of one moment are one chain. */
const SAME_QUEUE_US = 2_000_000;

/** An incident with the failures that it explains. */
export interface ExplainedIncident {
  readonly incident: Incident;
  readonly members: readonly Judged[];
}

/** Every incident with the failures under it: the server's own (crash, shutdown, start), then conditions and lock pile-ups, in order of time. */
export function incidentsWithFailures(
  server: readonly OpenedIncident[],
  judged: readonly Judged[],
  sessions: Sessions,
  clockOffsetUs: number,
): ExplainedIncident[] {
  const timed = judged.flatMap((one): Timed[] =>
    one.claim.interval === null ? [] : [{ ...one, interval: one.claim.interval }],
  );
  const shareOf = shareAmong(timed);
  const underEntry = groupByEntry(timed);
  const ofServer = server.flatMap(({ entry, ...incident }): ExplainedIncident[] => {
    const members = underEntry.get(entry) ?? [];
    // Every log begins with a start; only one that somebody met is an incident.
    if (incident.cause === 'server_starting' && members.length === 0) return [];
    const share = shareOf(members.length, incident.startUs, incident.endUs);
    const own = incident.cause === 'server_crash' ? crashEvidence(entry) : [];
    return [
      { incident: { ...incident, failures: members.length, share, evidence: [...incident.evidence, ...own] }, members },
    ];
  });
  const spellsOf = (cause: string, summaryOf: (spell: readonly Timed[]) => string, members: readonly Timed[]) =>
    spells(members).map((spell) => ({
      incident: incidentOf(cause, summaryOf(spell), spell, shareOf, spellEvidence(spell, sessions)),
      members: spell,
    }));
  const conditions = [...groupBy(timed, ({ diagnosis }) => diagnosis.classification.row.id)].flatMap(
    ([cause, members]) => {
      const says = CONDITIONS[cause] ?? UNROOTED[cause];
      if (says === undefined) return [];
      const unrooted = cause in UNROOTED ? members.filter(({ diagnosis }) => diagnosis.root === null) : members;
      return spellsOf(cause, () => says, unrooted);
    },
  );
  const waiting = timed.filter(({ diagnosis }) => diagnosis.wait !== null);
  const byWaiter = groupBy(waiting, ({ diagnosis }) => String(diagnosis.wait?.pid));
  const pileUps = [...groupBy(waiting, (one) => String(blockerOf(one, byWaiter)))].flatMap(([pid, members]) =>
    spellsOf('lock_pile_up', (spell) => pileUpSummary(Number(pid), spell, sessions), members),
  );
  const signs = new Signs(sessions.entries, clockOffsetUs);
  return [...ofServer, ...conditions, ...pileUps]
    .map(({ incident, members }) => ({
      incident: { ...incident, evidence: [...incident.evidence, ...signs.beside(incident)] },
      members,
    }))
    .sort(({ incident: a }, { incident: b }) => a.startUs - b.startUs || (a.id < b.id ? -1 : 1));
}

function groupByEntry(timed: readonly Timed[]): ReadonlyMap<unknown, readonly Timed[]> {
  const groups = new Map<unknown, Timed[]>();
  for (const one of timed) {
    const entry = one.diagnosis.root?.entry;
    if (entry === undefined) continue;
    const group = groups.get(entry);
    if (group === undefined) groups.set(entry, [one]);
    else group.push(one);
  }
  return groups;
}

/** What the victims themselves show: the words of the first, how many sessions and requests, and who held the lock. */
function spellEvidence(spell: readonly Timed[], sessions: Sessions): Evidence[] {
  const [first] = spell;
  const wait = first?.diagnosis.wait ?? null;
  const longest = Math.max(0, ...spell.map(({ diagnosis }) => diagnosis.wait?.waitedMs ?? 0));
  const victims = new Set(spell.flatMap(({ diagnosis }) => diagnosis.match?.candidate.entry.pid ?? [])).size;
  const detail = first?.diagnosis.match?.candidate.entry.detail ?? null;
  const words = first === undefined ? '' : textOfClaim(first.claim);
  return [
    ...(wait === null ? [] : waitEvidence(wait, sessions).slice(0, 1)),
    {
      rule: 'victims',
      weight: 2,
      says: `${String(spell.length)} failures${victims === 0 ? '' : ` in ${String(victims)} sessions`}${longest === 0 ? '' : `, waits of ${String(Math.round(longest))} ms and more`}; the first: ${shortened(words)}`,
    },
    ...(detail === null || wait !== null ? [] : [{ rule: 'detail', weight: 1, says: shortened(detail) }]),
  ];
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

function incidentOf(
  cause: string,
  summary: string,
  spell: readonly Timed[],
  shareOf: ShareOf,
  evidence: readonly Evidence[],
): Incident {
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
    evidence,
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
