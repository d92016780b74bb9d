import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { textClasses } from './text-class.ts';

/** Fewer agreeing pairs than this prove nothing. */
const MIN_ANCHORS = 3;
/** What two clocks on one host, cut to whole seconds, may show: not worth correcting. */
const IGNORED_US = 1_500_000;
/** Zones differ by quarters of an hour: an offset this close to one is a zone that was read wrongly, and exactly that. */
const QUARTER_US = 900_000_000;
const QUARTER_TOLERANCE_US = 1_500_000;
const MAX_ANCHORS_PER_CLASS = 50;

/**
 * How far denokv's clock is ahead of the times read from Postgres' log, in microseconds: skew between two hosts, or a zone abbreviation that lied.
 * Anchors are texts that both logs hold equally often; their n-th occurrences are each other's. Null when too little is known to say.
 */
export function estimateClockOffset(claims: readonly Claim[], candidates: readonly Candidate[]): number | null {
  const distances: number[] = [];
  for (const { rule, claims: said, candidates: logged } of textClasses(claims, candidates)) {
    if (rule !== 'same_text' || said.length !== logged.length) continue;
    for (const [rank, claim] of said.slice(0, MAX_ANCHORS_PER_CLASS).entries()) {
      const candidate = logged[rank];
      if (claim.interval === null || candidate?.interval == null) continue;
      distances.push(claim.interval.fromUs - candidate.interval.fromUs);
    }
  }
  if (distances.length < MIN_ANCHORS) return null;
  distances.sort((a, b) => a - b);
  const median = distances[Math.floor(distances.length / 2)] ?? 0;
  const agreeing = distances.filter((distance) => Math.abs(distance - median) <= IGNORED_US).length;
  if (agreeing < Math.max(MIN_ANCHORS, distances.length * 0.5)) return null;
  if (Math.abs(median) <= IGNORED_US) return 0;
  const quarter = Math.round(median / QUARTER_US) * QUARTER_US;
  return quarter !== 0 && Math.abs(median - quarter) <= QUARTER_TOLERANCE_US ? quarter : median;
}
