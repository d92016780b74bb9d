import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';

/**
 * How often two neighbours of one text are told by denokv in the other order than Postgres wrote them: the alignment keeps order, so it can't see this.
 * Measured over the labelled captures, by the time between the two entries (milliseconds) where the log shows it.
 */
const SWAP_BY_GAP_MS: readonly { readonly upTo: number; readonly probability: number }[] = [
  { upTo: 0, probability: 0.33 },
  { upTo: 1, probability: 0.07 },
  { upTo: 2, probability: 0.03 },
  { upTo: 4, probability: 0.008 },
];
/** In whole-second logs the gap is unknown, but what stands between two entries in both logs keeps them apart. */
const SWAP_WITHIN_SECOND = { apart: 0.002, nearlyApart: 0.005, adjacent: 0.013 } as const;
/** Some causes end many requests at one stroke: an administrator's cancel, a shutdown. */
const SWAP_AT_ONE_STROKE = 0.2;
/** Timeouts come one by one as long as few requests wait; a long unbroken row of them is one crowd that was released together. */
const SWAP_OF_TIMEOUTS: readonly { readonly upToRow: number; readonly probability: number }[] = [
  { upToRow: 4, probability: 0.04 },
  { upToRow: 8, probability: 0.12 },
  { upToRow: Number.POSITIVE_INFINITY, probability: 0.27 },
];
const SWAP_ELSE = 0.001;
const SECOND_US = 1_000_000;
/** So many other events between two entries of one second are as good as a gap. */
const APART_EVENTS = 4;

const AT_ONE_STROKE: ReadonlySet<string> = new Set([
  'backend_terminated',
  'server_shutdown',
  'server_crash',
  'query_canceled',
]);

/** A pair that an alignment settled on, with its neighbours' distance in each log (counted in events). */
export interface SettledPair {
  readonly claim: Claim;
  readonly candidate: Candidate;
}

/** For each pair but the last of a class (in order): the chance that it and the next are really each other's. */
export function swapProbabilities(pairs: readonly SettledPair[]): number[] {
  const rows = rowLengths(pairs);
  return pairs.slice(1).map((second, at) => {
    const first = pairs[at];
    return first === undefined ? 0 : swapProbability(first, second, rows[at] ?? 1);
  });
}

function swapProbability(first: SettledPair, second: SettledPair, rowLength: number): number {
  const a = first.candidate.interval;
  const b = second.candidate.interval;
  if (a !== null && b !== null && a.toUs - a.fromUs < SECOND_US) {
    const gapMs = Math.abs(b.fromUs - a.fromUs) / 1000;
    return SWAP_BY_GAP_MS.find(({ upTo }) => gapMs <= upTo)?.probability ?? SWAP_ELSE;
  }
  if (!sameTime(first, second)) return SWAP_ELSE;
  const { entries, lines } = between(first, second);
  if (entries >= 1 && lines >= 1) return SWAP_WITHIN_SECOND.apart;
  if (entries + lines >= APART_EVENTS) return SWAP_WITHIN_SECOND.nearlyApart;
  const { row } = first.candidate.classification;
  if (AT_ONE_STROKE.has(row.id)) return SWAP_AT_ONE_STROKE;
  if (row.category !== 'timeout') return SWAP_WITHIN_SECOND.adjacent;
  const ofRow = SWAP_OF_TIMEOUTS.find(({ upToRow }) => rowLength <= upToRow)?.probability ?? SWAP_AT_ONE_STROKE;
  return entries + lines === 0 ? ofRow : ofRow / 2;
}

/** How long the unbroken row is in which each pair stands: next to its neighbours in both logs, within one second. */
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

function isAdjacent(first: SettledPair, second: SettledPair): boolean {
  const { entries, lines } = between(first, second);
  return entries < 1 || lines < 1;
}

function between(first: SettledPair, second: SettledPair): { readonly entries: number; readonly lines: number } {
  return { entries: second.candidate.rank - first.candidate.rank - 1, lines: second.claim.rank - first.claim.rank - 1 };
}

function sameTime(first: SettledPair, second: SettledPair): boolean {
  return first.candidate.interval === null || first.candidate.interval.fromUs === second.candidate.interval?.fromUs;
}
