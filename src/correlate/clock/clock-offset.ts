import type { Interval } from '../timing/interval.ts';
import type { TextClass } from '../matching/text-class.ts';

/** Fewer agreeing pairs than this prove nothing. */
const MIN_ANCHORS = 3;
/** Anchors this close to the middle one agree with it: whole seconds on both sides, and a little. */
const AGREEING_US = 1_500_000;
/** A line follows its entry by so much. */
const USUAL_DELAY_US = 1000;
/** Where both logs are finer than this, their distance is known to the millisecond; else it is averaged over many cut seconds. */
const FINE_US = 100_000;
/** What is not worth correcting: the scheduler's jitter, and what is left of the seconds' cutting when averaged. */
const IGNORED_FINE_US = 4000;
const IGNORED_COARSE_US = 100_000;
const STANDARD_ERRORS = 5;
/** Offsets are given in such steps, lest two stretches of one log differ by what does not matter. */
const FINE_STEP_US = 1000;
const COARSE_STEP_US = 50_000;
/** Zones differ by quarters of an hour. */
const QUARTER_US = 900_000_000;
const MAX_ANCHORS_PER_CLASS = 50;

/** One pair that is taken for each other's: how far the line is behind the entry, and how wide their printed times are. */
export interface Anchor {
  readonly distanceUs: number;
  readonly widthUs: number;
}

/**
 * How far denokv's clock is ahead of the times read from Postgres' log, in microseconds: skew between two hosts, or a zone abbreviation that lied.
 * Anchors are texts that both logs hold equally often; their n-th occurrences are each other's. Null when too little is known to say.
 */
export function estimateClockOffset(classes: readonly TextClass[]): number | null {
  return offsetOfAnchors(anchorsOf(classes));
}

export function offsetOfAnchors(anchors: readonly Anchor[]): number | null {
  if (anchors.length < MIN_ANCHORS) return null;
  const middleUs = medianOf(anchors.map(({ distanceUs }) => distanceUs));
  const agreeing = anchors.filter(({ distanceUs }) => Math.abs(distanceUs - middleUs) <= AGREEING_US);
  if (agreeing.length < Math.max(MIN_ANCHORS, anchors.length * 0.5)) return null;
  const isFine = medianOf(agreeing.map(({ widthUs }) => widthUs)) <= FINE_US;
  const { meanUs, errorUs } = averageOf(agreeing.map(({ distanceUs }) => distanceUs));
  const offsetUs = (isFine ? middleUs : meanUs) - USUAL_DELAY_US;
  const ignoredUs = isFine ? IGNORED_FINE_US : Math.max(IGNORED_COARSE_US, STANDARD_ERRORS * errorUs);
  // Zero among them.
  const quarterUs = Math.round(offsetUs / QUARTER_US) * QUARTER_US;
  if (Math.abs(offsetUs - quarterUs) <= ignoredUs) return plain(quarterUs);
  const stepUs = isFine ? FINE_STEP_US : COARSE_STEP_US;
  return plain(Math.round(offsetUs / stepUs) * stepUs);
}

/** Without the sign that zero may have. */
function plain(us: number): number {
  return us === 0 ? 0 : us;
}

function anchorsOf(classes: readonly TextClass[]): Anchor[] {
  const anchors: Anchor[] = [];
  for (const { rule, claims: said, candidates: logged } of classes) {
    if (rule !== 'same_text' || said.length !== logged.length) continue;
    for (const [rank, { interval }] of said.slice(0, MAX_ANCHORS_PER_CLASS).entries()) {
      const entry = logged[rank]?.interval;
      if (interval === null || entry == null) continue;
      anchors.push(anchorOf(interval, entry));
    }
  }
  return anchors;
}

export function anchorOf(line: Interval, entry: Interval): Anchor {
  const widthUs = Math.max(line.toUs - line.fromUs, entry.toUs - entry.fromUs);
  return { distanceUs: middleOf(line) - middleOf(entry), widthUs };
}

/** One log may be finer than the other: then the beginnings of their intervals lie half a second apart on equal clocks, and the middles don't. */
function middleOf({ fromUs, toUs }: Interval): number {
  return (fromUs + toUs) / 2;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function averageOf(values: readonly number[]): { readonly meanUs: number; readonly errorUs: number } {
  const meanUs = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - meanUs) ** 2, 0) / values.length;
  return { meanUs, errorUs: Math.sqrt(variance / values.length) };
}
