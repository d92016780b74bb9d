import type { Interval, Timed } from '../timing/interval.ts';
import { countWhile } from '../timing/partition.ts';

const MAX_SAMPLE = 300;
const MIN_SAMPLE = 20;
const MAX_DISTANCES = 300_000;
const MIN_AGREEING = 3;
const MIN_SHARE = 0.5;
/** Where failures are frequent, many have some answer near them by chance: another offset has to explain so many times more. */
const MIN_GAIN = 1.25;
/** An answer is logged this soon after its failure, on clocks that agree: by the same second, give or take another. */
const NEAR_US = 1_000_000;
/** Width of the span in which the distances of true pairs lie: a failure's second, and a little for the answer. */
const SPAN_US = 1_050_000;
/** Further apart than two time zones can be. */
const MAX_OFFSET_US = 26 * 3_600_000_000;

/**
 * How far, to a second or so, the clock of the answers is ahead of the failures', microseconds: 0 where most failures have an answer near them. Where they
 * have none, the shift that gives most of them one. Both in order of time.
 */
export function roughClockOffset(failures: readonly Timed[], responses: readonly Timed[]): number {
  const answers = responses.flatMap(({ interval }) => (interval === null ? [] : [interval.fromUs]));
  const affordable = Math.max(MIN_SAMPLE, Math.floor(MAX_DISTANCES / (answers.length + 1)));
  const timed = failures.flatMap(({ interval }) => interval ?? []);
  const sampled = evenly(timed, Math.min(MAX_SAMPLE, affordable));
  const needed = Math.max(MIN_AGREEING, sampled.length * MIN_SHARE);
  if (sampled.length < needed) return 0;
  const near = sampled.filter((failure) => isNear(failure, answers)).length;
  if (near * MIN_GAIN >= sampled.length) return 0;
  const distances = sampled
    .flatMap((failure, index) => answers.map((us) => ({ us: us - failure.fromUs, index })))
    .filter(({ us }) => Math.abs(us) <= MAX_OFFSET_US)
    .sort((a, b) => a.us - b.us);
  const best = densestSpan(distances, SPAN_US);
  return best.failures >= Math.max(needed, near * MIN_GAIN) ? best.fromUs : 0;
}

/** So many of them at most, from all over. */
export function evenly<T>(all: readonly T[], size: number): readonly T[] {
  if (all.length <= size) return all;
  const places = Array.from({ length: size }, (_, at) => Math.floor((at * all.length) / size));
  return places.flatMap((place) => all.slice(place, place + 1));
}

function isNear({ fromUs, toUs }: Interval, answers: readonly number[]): boolean {
  const next = answers[countWhile(answers, (us) => us < fromUs - NEAR_US)];
  return next !== undefined && next < toUs + NEAR_US;
}

/** The span of distances, so wide, under which the most failures find an answer. */
export function densestSpan(
  distances: readonly { readonly us: number; readonly index: number }[],
  widthUs: number,
): { readonly fromUs: number; readonly failures: number } {
  const inside = new Map<number, number>();
  let best = { fromUs: 0, failures: 0 };
  let first = 0;
  for (const { us, index } of distances) {
    inside.set(index, (inside.get(index) ?? 0) + 1);
    for (let oldest = distances[first]; oldest !== undefined && us - oldest.us > widthUs; oldest = distances[++first]) {
      const left = (inside.get(oldest.index) ?? 1) - 1;
      if (left === 0) inside.delete(oldest.index);
      else inside.set(oldest.index, left);
    }
    if (inside.size > best.failures) best = { fromUs: distances[first]?.us ?? us, failures: inside.size };
  }
  return best;
}
