import { describe, expect, it } from 'vitest';
import { createDelayModel, widthOf } from '../../src/correlate/timing/delay.ts';
import type { Interval } from '../../src/correlate/timing/interval.ts';

const MIXTURE = [
  [0.87, 1500],
  [0.11, 15_000],
  [0.018, 150_000],
  [0.002, 2_000_000],
] as const;
const JITTER_US = 2000;
/** Where only the line's second is cut, an entry may stand so far past its end. */
const JITTER_OF_CUT_LINES_US = 20_000;

/** Chance that the delay is at most so long. */
function within(us: number): number {
  return us <= 0 ? 0 : MIXTURE.reduce((sum, [share, mean]) => sum + share * (1 - Math.exp(-us / mean)), 0);
}

/** The mean over the entry's interval of the chance to fall into the line's, by the midpoint rule. */
function integrated(entry: Interval, line: Interval): number {
  const steps = 20_000;
  const width = entry.toUs - entry.fromUs;
  const isCutLine = width < 1e6 && line.toUs - line.fromUs >= 1e6;
  const past = isCutLine ? JITTER_OF_CUT_LINES_US : JITTER_US;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const writtenUs = entry.fromUs + ((step + 0.5) * width) / steps;
    sum += within(line.toUs + past - writtenUs) - within(line.fromUs - JITTER_US - writtenUs);
  }
  return sum / steps;
}

const interval = (fromUs: number, widthUs: number): Interval => ({ fromUs, toUs: fromUs + widthUs });

describe('the delay between an entry and its line', () => {
  it.each([
    ['both in whole seconds, the same one', interval(0, 1e6), interval(0, 1e6)],
    ['both in whole seconds, the next one', interval(0, 1e6), interval(1e6, 1e6)],
    ['both in whole seconds, the one before', interval(1e6, 1e6), interval(0, 1e6)],
    ['milliseconds in a second', interval(250_000, 1000), interval(0, 1e6)],
    ['milliseconds just past a second', interval(1_012_000, 1000), interval(0, 1e6)],
    ['milliseconds and milliseconds', interval(0, 1000), interval(3000, 1000)],
    ['microseconds, just before', interval(900, 1), interval(0, 1)],
    ['a stall of five seconds', interval(0, 1e6), interval(5e6, 1e6)],
  ])('is what numeric integration gives: %s', (_, entry, line) => {
    expect(createDelayModel()(entry, line)).toBeCloseTo(integrated(entry, line), 6);
  });

  it('is remembered by distance and widths, and by nothing else', () => {
    const delay = createDelayModel();
    const first = delay(interval(0, 1000), interval(0, 1e6));
    delay(interval(0, 1e6), interval(0, 1e6));
    expect(delay(interval(5e9, 1000), interval(5e9, 1e6))).toBe(first);
  });

  it('adds up to one over all the seconds in which a line may fall', () => {
    const delay = createDelayModel();
    const slots = Array.from({ length: 30 }, (_, second) => delay(interval(10e6, 1e6), interval(second * 1e6, 1e6)));
    const overlap = widthOf(interval(0, 1e6)) / 1e6;
    expect(slots.reduce((sum, chance) => sum + chance, 0) / overlap).toBeCloseTo(1, 2);
  });
});
