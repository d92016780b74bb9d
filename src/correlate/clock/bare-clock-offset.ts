import type { Timed } from '../timing/interval.ts';
import { roughClockOffset } from './rough-clock-offset.ts';

const SECOND_US = 1_000_000;
const STEP_US = 25_000;
/** How far around the rough shift a better one is looked for. */
const STEPS_EITHER_WAY = 60;
/** A shift must explain so many more of the lines than the clocks do as they stand. */
const MIN_GAIN = 0.03;

/** A second that holds so many lines and so many entries explains the lesser number of them. */
type PerSecond = ReadonlyMap<number, number>;

/**
 * How far denokv's clock is ahead of Postgres' where its lines quote nothing: first to the second, as the shift under which most lines find an entry, then
 * as the one under which the numbers of lines and of entries agree best, second by second. Null where the clocks need none. Both in order of time.
 */
export function offsetOfBareErrors(bare: readonly Timed[], candidates: readonly Timed[]): number | null {
  const entries = candidates.flatMap(({ interval }) =>
    interval === null ? [] : [(interval.fromUs + interval.toUs) / 2],
  );
  if (bare.length === 0 || entries.length === 0) return null;
  const roughUs = -roughClockOffset(bare, candidates);
  const isCut = bare.every(({ interval }) => interval !== null && interval.toUs - interval.fromUs >= SECOND_US);
  if (!isCut) return roughUs === 0 ? null : roughUs;
  const lines = countBySecond(bare.map(({ interval }) => interval?.fromUs ?? 0));
  const explained = (offsetUs: number): number => agreement(lines, countBySecond(entries.map((us) => us + offsetUs)));
  const shifts = Array.from(
    { length: 2 * STEPS_EITHER_WAY + 1 },
    (_, step) => roughUs + (step - STEPS_EITHER_WAY) * STEP_US,
  );
  const counts = shifts.map(explained);
  const most = Math.max(...counts);
  if (most - explained(0) < Math.max(1, MIN_GAIN * bare.length)) return null;
  // Shifts that do as well as the best: the middle of them is furthest from either cut.
  const best = shifts.filter((_, at) => counts[at] === most);
  return Math.round((best[Math.floor(best.length / 2)] ?? roughUs) / STEP_US) * STEP_US;
}

function countBySecond(times: readonly number[]): PerSecond {
  const counts = new Map<number, number>();
  for (const us of times) {
    const second = Math.floor(us / SECOND_US);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return counts;
}

function agreement(a: PerSecond, b: PerSecond): number {
  let sum = 0;
  for (const [second, count] of a) sum += Math.min(count, b.get(second) ?? 0);
  return sum;
}
