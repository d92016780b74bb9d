import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import type { Match } from './match.ts';

interface Pair {
  readonly claim: Claim;
  readonly candidate: Candidate;
}

/** Pairs in their likeliest order, and for each claim of an interleaved stretch how likely each entry near its place is its. */
export interface Interleaving<T extends Pair> {
  readonly pairs: readonly T[];
  readonly shares: ReadonlyMap<Claim, readonly Match[]>;
}

/** Two logs that were written together for longer than this are two denokvs'; less is one log and its successor. */
const MIN_OVERLAP_US = 2_000_000;
/** So many entries on either side of the likeliest are named. */
const REACH = 8;

/**
 * Several denokvs on one role, whose lines and entries of one printed time are mixed: each log keeps its own order, but how they interleave no log tells.
 * All interleavings are equally likely, so the i-th of a claims among n entries is the j-th with probability C(j-1, i-1) C(n-j, a-i) / C(n, a).
 * `pairs` in order of time, within one time log by log.
 */
export function interleaved<T extends Pair>(
  pairs: readonly T[],
  together: ReadonlySet<number>,
  make: (claim: Claim, candidate: Candidate) => T,
): Interleaving<T> {
  const shares = new Map<Claim, readonly Match[]>();
  if (together.size < 2) return { pairs, shares };
  const result: T[] = [];
  for (let from = 0; from < pairs.length;) {
    let to = from + 1;
    while (to < pairs.length && timeOf(pairs[to]) === timeOf(pairs[from])) to++;
    result.push(...mixed(pairs.slice(from, to), together, make, shares));
    from = to;
  }
  return { pairs: result, shares };
}

function mixed<T extends Pair>(
  stretch: readonly T[],
  together: ReadonlySet<number>,
  make: (claim: Claim, candidate: Candidate) => T,
  shares: Map<Claim, readonly Match[]>,
): readonly T[] {
  const counts = new Map<number, number>();
  for (const { claim } of stretch) counts.set(fileOf(claim), (counts.get(fileOf(claim)) ?? 0) + 1);
  if ([...counts.keys()].filter((file) => together.has(file)).length < 2) return stretch;
  const seen = new Map<number, number>();
  const placed = stretch.map(({ claim }) => {
    const ordinal = (seen.get(fileOf(claim)) ?? 0) + 1;
    seen.set(fileOf(claim), ordinal);
    const count = counts.get(fileOf(claim)) ?? 1;
    return { claim, ordinal, count, expected: ordinal / (count + 1) };
  });
  placed.sort((a, b) => a.expected - b.expected || fileOf(a.claim) - fileOf(b.claim));
  const candidates = stretch.map(({ candidate }) => candidate);
  return placed.flatMap(({ claim, ordinal, count }, place) => {
    const own = candidates[place];
    if (own === undefined) return [];
    const matches: Match[] = [];
    for (let at = Math.max(0, place - REACH); at <= Math.min(candidates.length - 1, place + REACH); at++) {
      const candidate = candidates[at];
      const probability = chanceOfPlace(at + 1, ordinal, count, candidates.length);
      if (candidate !== undefined) matches.push({ candidate, probability });
    }
    shares.set(claim, matches);
    return [make(claim, own)];
  });
}

function chanceOfPlace(place: number, ordinal: number, count: number, total: number): number {
  return Math.exp(
    logChoose(place - 1, ordinal - 1) + logChoose(total - place, count - ordinal) - logChoose(total, count),
  );
}

const logFactorials: number[] = [0];

function logFactorial(n: number): number {
  for (let next = logFactorials.length; next <= n; next++)
    logFactorials.push((logFactorials[next - 1] ?? 0) + Math.log(next));
  return logFactorials[n] ?? 0;
}

function logChoose(n: number, k: number): number {
  return k < 0 || k > n ? Number.NEGATIVE_INFINITY : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** From the first to the last claim of a log. */
interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Of each log that has claims. */
export function spansOf(claims: readonly Claim[]): ReadonlyMap<number, Span> {
  const spans = new Map<number, { readonly fromUs: number; toUs: number }>();
  for (const claim of claims) {
    if (claim.interval === null) continue;
    const { fromUs } = claim.interval;
    const span = spans.get(fileOf(claim));
    if (span === undefined) spans.set(fileOf(claim), { fromUs, toUs: fromUs });
    else span.toUs = Math.max(span.toUs, fromUs);
  }
  return spans;
}

/** Logs of which each overlaps another one in time. */
export function filesWrittenTogether(spans: ReadonlyMap<number, Span>): Set<number> {
  const all = [...spans];
  const isTogether = ([file, a]: (typeof all)[number]): boolean =>
    all.some(
      ([other, b]) => other !== file && Math.min(a.toUs, b.toUs) - Math.max(a.fromUs, b.fromUs) >= MIN_OVERLAP_US,
    );
  return new Set(all.filter(isTogether).map(([file]) => file));
}

function fileOf({ event }: Claim): number {
  return event.citation.fileId;
}

function timeOf(pair: Pair | undefined): number | null {
  return pair?.claim.interval?.fromUs ?? null;
}
