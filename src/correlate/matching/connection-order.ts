import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';

interface Pair {
  readonly claim: Claim;
  readonly candidate: Candidate;
}

/** Refusals further apart than this were not told out of order. */
const ROW_US = 20_000;
/** The operating system gives pids in turn, until it starts again from below. */
const WRAPPED_PIDS = 16_384;

/**
 * Refused connections in a row, put right by the proxy's clock: each request asked for a backend of its own, so the order in which they began is that of the
 * backends' pids, whatever the order in which they were refused and told. Where the clock does not tell two beginnings apart, the order stays.
 * `pairs` in order; the claims of the result are the same, in the same order.
 */
export function byConnectionOrder(pairs: readonly Pair[]): Pair[] {
  const result: Pair[] = [];
  for (let from = 0; from < pairs.length;) {
    let to = from + 1;
    while (to < pairs.length && isOneRow(pairs[to - 1], pairs[to])) to++;
    result.push(...reordered(pairs.slice(from, to)));
    from = to;
  }
  return result;
}

/** Whether the pids of two refusals tell which of their requests began first. */
export function areOrderedByPid(a: Pair | undefined, b: Pair | undefined): boolean {
  return [a, b].every(
    (pair) =>
      pair !== undefined &&
      pair.candidate.connecting &&
      pair.candidate.entry.pid !== null &&
      pair.claim.startedUs !== null,
  );
}

function isOneRow(a: Pair | undefined, b: Pair | undefined): boolean {
  if (!areOrderedByPid(a, b)) return false;
  const [first, second] = [a?.candidate.interval, b?.candidate.interval];
  return first != null && second != null && second.fromUs - first.fromUs <= ROW_US;
}

function reordered(row: readonly Pair[]): readonly Pair[] {
  const pids = row.map(({ candidate }) => candidate.entry.pid ?? 0);
  if (row.length < 2 || Math.max(...pids) - Math.min(...pids) > WRAPPED_PIDS) return row;
  const byStart = [...row.keys()].sort((a, b) => startOf(row[a]) - startOf(row[b]) || a - b);
  const byPid = row.map(({ candidate }) => candidate).sort((a, b) => (a.entry.pid ?? 0) - (b.entry.pid ?? 0));
  const result = [...row];
  for (let from = 0; from < byStart.length;) {
    let to = from + 1;
    while (to < byStart.length && startOf(row[byStart[to] ?? -1]) === startOf(row[byStart[from] ?? -1])) to++;
    const together = byPid.slice(from, to).sort((a, b) => a.rank - b.rank);
    for (const [place, at] of byStart.slice(from, to).entries()) {
      const [pair, candidate] = [row[at], together[place]];
      if (pair !== undefined && candidate !== undefined) result[at] = { claim: pair.claim, candidate };
    }
    from = to;
  }
  return result;
}

function startOf(pair: Pair | undefined): number {
  return pair?.claim.startedUs ?? 0;
}
