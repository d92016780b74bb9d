import type { Interval } from './interval.ts';

/**
 * How long after Postgres wrote its entry denokv writes its line. Measured over the labelled captures: median 0.9 ms, p99 about 4 ms under load,
 * up to 150 ms when denokv itself stalls; the heavier tail is for hosts that are worse than those. A mixture of exponentials, mean in microseconds.
 */
const MIXTURE: readonly { readonly share: number; readonly meanUs: number }[] = [
  { share: 0.87, meanUs: 1500 },
  { share: 0.11, meanUs: 15_000 },
  { share: 0.018, meanUs: 150_000 },
  { share: 0.002, meanUs: 2_000_000 },
];
/**
 * Two clocks of one host, read at different instants and cut to their precision, may disagree by this much either way; and a line stamped to the
 * microsecond is no exacter than the scheduler that let it be written.
 */
const JITTER_US = 2000;
/** Two hosts' clocks differ by more, and where only denokv's log cuts the seconds, that cannot be measured better: an entry a little past a second's end. */
const JITTER_OF_CUT_LINES_US = 20_000;
const CUT_US = 1_000_000;
const FINE_US = 100_000;

/** Width of the time in which a line may have been written, microseconds: likelihoods of delays are probabilities of falling into it. */
export function widthOf({ fromUs, toUs }: Interval): number {
  return toUs - fromUs + 2 * JITTER_US;
}

const MEMO_MAX_ENTRIES = 100_000;

/** Probability that an entry written in `entry` is followed by a denokv line stamped within `symptom`; both on one clock. */
export type DelayModel = (entry: Interval, symptom: Interval) => number;

export function createDelayModel(): DelayModel {
  // Only the distance and the two widths matter, and whole-second logs have few distances. This is the joiner's innermost call.
  let memo = new Map<number, number>();
  let entryWidth = 0;
  let symptomWidth = 0;
  // Neighbours of a row mostly lie in one printed second.
  let lastDistance = Number.NaN;
  let lastProbability = 0;
  return (entry, symptom) => {
    if (
      entry.toUs - entry.fromUs !== entryWidth ||
      symptom.toUs - symptom.fromUs !== symptomWidth ||
      memo.size >= MEMO_MAX_ENTRIES
    ) {
      memo = new Map();
      entryWidth = entry.toUs - entry.fromUs;
      symptomWidth = symptom.toUs - symptom.fromUs;
      lastDistance = Number.NaN;
    }
    const distance = symptom.fromUs - entry.fromUs;
    if (distance === lastDistance) return lastProbability;
    let probability = memo.get(distance);
    if (probability === undefined) {
      probability = delayProbability(entry, symptom);
      memo.set(distance, probability);
    }
    lastDistance = distance;
    lastProbability = probability;
    return probability;
  };
}

function delayProbability(entry: Interval, symptom: Interval): number {
  const widthUs = entry.toUs - entry.fromUs;
  const isCutLine = widthUs <= FINE_US && symptom.toUs - symptom.fromUs >= CUT_US;
  const from = symptom.fromUs - JITTER_US - entry.fromUs;
  const to = symptom.toUs + (isCutLine ? JITTER_OF_CUT_LINES_US : JITTER_US) - entry.fromUs;
  // The entry may have been written anywhere in its interval: the mean over it of the chance that the delay ends within the line's.
  return (areaUnder(to) - areaUnder(to - widthUs) - areaUnder(from) + areaUnder(from - widthUs)) / widthUs;
}

/** Integral from 0 to `us` of the chance that the delay is at most so long. */
function areaUnder(us: number): number {
  if (us <= 0) return 0;
  let sum = 0;
  for (const { share, meanUs } of MIXTURE) sum += share * (us - meanUs * (1 - Math.exp(-us / meanUs)));
  return sum;
}

/** No alignment ever reaches further than this, in microseconds: what Postgres wrote before, and after (jitter and whole seconds). */
export const REACH_US = { before: 8_000_000, after: 1_500_000 } as const;
