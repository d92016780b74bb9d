import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { areOrderedByPid } from './connection-order.ts';

/**
 * How often two neighbours of one text are told by denokv in the other order than Postgres wrote them: the alignment keeps order, so it can't see this.
 * Measured over the labelled captures, by the time between the two entries (milliseconds) where the log shows it.
 */
const SWAP_BY_GAP_MS: readonly { readonly upTo: number; readonly probability: number }[] = [
  { upTo: 0, probability: 0.33 },
  { upTo: 1, probability: 0.08 },
  { upTo: 2, probability: 0.03 },
  { upTo: 4, probability: 0.01 },
];
const SWAP_ELSE = 0.001;
/** Refused connections are told apart by when their requests began: none of 111 pairs was out of order from a millisecond on. */
const SWAP_BY_START_MS: typeof SWAP_BY_GAP_MS = [
  { upTo: 0, probability: 0.05 },
  { upTo: 2, probability: 0.02 },
];
const SWAP_ELSE_BY_START = 0.003;

/**
 * In whole-second logs the gap is unknown, but what Postgres wrote between two entries keeps them apart: much, or little with a line of denokv's between
 * theirs too; little; nothing. Lines of denokv's alone prove nothing: they may stand between the two for the very reason that one was late.
 */
interface SwapsWithinSecond {
  readonly apart: number;
  readonly nearlyApart: number;
  /** By how long the unbroken row is that the two stand in. */
  readonly adjacent: readonly { readonly upToRow: number; readonly probability: number }[];
}

const ANY_ROW = Number.POSITIVE_INFINITY;
/** An error that each request makes for itself, when it gets there. */
const ONE_BY_ONE: SwapsWithinSecond = {
  apart: 0.001,
  nearlyApart: 0.002,
  adjacent: [{ upToRow: ANY_ROW, probability: 0.013 }],
};
/** A cancel, a shutdown: an administrator ends many requests at once. */
const AT_ONE_STROKE: SwapsWithinSecond = {
  apart: 0.01,
  nearlyApart: 0.03,
  adjacent: [{ upToRow: ANY_ROW, probability: 0.2 }],
};
/** Timeouts come one by one as long as few sessions wait; of some 130 neighbours without a word between them one pair was told out of order. */
const TIMEOUTS_OF_FEW: SwapsWithinSecond = {
  apart: 0.001,
  nearlyApart: 0.003,
  adjacent: [{ upToRow: ANY_ROW, probability: 0.013 }],
};
/** A lock released under a crowd starts all their clocks together, and all end together. */
const TIMEOUTS_OF_CROWD: SwapsWithinSecond = {
  apart: 0.004,
  nearlyApart: 0.08,
  adjacent: [
    { upToRow: 4, probability: 0.12 },
    { upToRow: 6, probability: 0.24 },
    { upToRow: 9, probability: 0.29 },
    { upToRow: ANY_ROW, probability: 0.33 },
  ],
};
const STROKES: ReadonlySet<string> = new Set([
  'backend_terminated',
  'server_shutdown',
  'server_crash',
  'query_canceled',
]);
/** From so many sessions that met one text within `CROWD_US` it is a crowd. Up to 10 one of some 130 timeouts was told out of order, above it four in ten. */
const CROWD_SESSIONS = 11;
const CROWD_US = 2_000_000;

const SECOND_US = 1_000_000;
/** So much of Postgres' log between two entries is as good as a gap: others' entries, or statements that were passed over. */
const APART_ENTRIES = 4;
const APART_BYTES = 2000;

/** A citation may end before its line's end. */
const LINE_END_BYTES = 2;

/** What stands between two neighbours in each log. */
interface Between {
  readonly entries: number;
  readonly lines: number;
  readonly bytes: number;
}

/** A pair that an alignment settled on, with its neighbours' distance in each log (counted in events). */
export interface SettledPair {
  readonly claim: Claim;
  readonly candidate: Candidate;
}

/** For each pair but the last of a class (in order): the chance that it and the next are really each other's. */
export function swapProbabilities(pairs: readonly SettledPair[]): number[] {
  const rows = rowLengths(pairs);
  const crowds = crowdSizes(pairs);
  return pairs.slice(1).map((second, at) => {
    const first = pairs[at];
    return first === undefined ? 0 : swapProbability(first, second, { row: rows[at] ?? 1, crowd: crowds[at] ?? 1 });
  });
}

function swapProbability(
  first: SettledPair,
  second: SettledPair,
  { row, crowd }: { readonly row: number; readonly crowd: number },
): number {
  // A session has told its request of one error before it can meet the next.
  if (first.candidate.entry.pid !== null && first.candidate.entry.pid === second.candidate.entry.pid) return SWAP_ELSE;
  if (areOrderedByPid(first, second)) {
    const isGuessed = first.claim.isStartGuessed === true || second.claim.isStartGuessed === true;
    const gapMs = isGuessed ? 0 : Math.abs((second.claim.startedUs ?? 0) - (first.claim.startedUs ?? 0)) / 1000;
    return SWAP_BY_START_MS.find(({ upTo }) => gapMs <= upTo)?.probability ?? SWAP_ELSE_BY_START;
  }
  const a = first.candidate.interval;
  const b = second.candidate.interval;
  if (a !== null && b !== null && a.toUs - a.fromUs < SECOND_US) {
    const gapMs = Math.abs(b.fromUs - a.fromUs) / 1000;
    return SWAP_BY_GAP_MS.find(({ upTo }) => gapMs <= upTo)?.probability ?? SWAP_ELSE;
  }
  if (!sameTime(first, second)) return SWAP_ELSE;
  const swaps = swapsOf(first.candidate, crowd);
  const { entries, lines, bytes } = between(first, second);
  if ((entries >= 1 && lines >= 1) || entries >= APART_ENTRIES || bytes >= APART_BYTES) return swaps.apart;
  if (entries >= 1) return swaps.nearlyApart;
  return swaps.adjacent.find(({ upToRow }) => row <= upToRow)?.probability ?? SWAP_ELSE;
}

function swapsOf({ classification: { row } }: Candidate, crowd: number): SwapsWithinSecond {
  if (STROKES.has(row.id)) return AT_ONE_STROKE;
  if (row.category !== 'timeout') return ONE_BY_ONE;
  return crowd < CROWD_SESSIONS ? TIMEOUTS_OF_FEW : TIMEOUTS_OF_CROWD;
}

/** How long the unbroken row is in which each pair stands: with nothing of Postgres' between it and its neighbours, within one second. */
function rowLengths(pairs: readonly SettledPair[]): number[] {
  const lengths = new Array<number>(pairs.length).fill(1);
  let start = 0;
  for (let at = 1; at <= pairs.length; at++) {
    const first = pairs[at - 1];
    const second = pairs[at];
    if (first !== undefined && second !== undefined && sameTime(first, second) && isAdjacent(first, second)) continue;
    lengths.fill(at - start, start, at);
    start = at;
  }
  return lengths;
}

/** How many sessions met the text around each pair's time; where the log names no session, each entry counts for one. */
function crowdSizes(pairs: readonly SettledPair[]): number[] {
  const counts = new Map<string, number>();
  const keyOf = ({ candidate: { entry } }: SettledPair, at: number): string =>
    entry.pid === null ? `#${String(at)}` : String(entry.pid);
  let from = 0;
  let to = 0;
  return pairs.map((pair) => {
    const us = timeOf(pair);
    for (let next = pairs[to]; next !== undefined && timeOf(next) <= us + CROWD_US; next = pairs[++to]) {
      const key = keyOf(next, to);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (let oldest = pairs[from]; oldest !== undefined && timeOf(oldest) < us - CROWD_US; oldest = pairs[++from]) {
      const key = keyOf(oldest, from);
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    }
    return counts.size;
  });
}

function timeOf({ candidate: { interval } }: SettledPair): number {
  return interval?.fromUs ?? 0;
}

function isAdjacent(first: SettledPair, second: SettledPair): boolean {
  return between(first, second).entries === 0;
}

/** Counted in events; what Postgres wrote between two entries and nobody kept (statements, durations) counts for one. */
function between(first: SettledPair, second: SettledPair): Between {
  const [a, b] = [first.candidate, second.candidate];
  const isOneFile = a.entry.citation.fileId === b.entry.citation.fileId;
  const bytes = isOneFile ? Math.max(0, b.entry.citation.byteStart - a.entry.citation.byteEnd) : 0;
  const entries = Math.max(b.rank - a.rank - 1, bytes > LINE_END_BYTES ? 1 : 0);
  return { entries, lines: second.claim.rank - first.claim.rank - 1, bytes };
}

function sameTime(first: SettledPair, second: SettledPair): boolean {
  return first.candidate.interval === null || first.candidate.interval.fromUs === second.candidate.interval?.fromUs;
}
