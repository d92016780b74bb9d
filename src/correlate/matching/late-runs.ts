import type { Band } from './band.ts';
import type { Interval, Timed } from '../timing/interval.ts';

const SECOND_US = 1_000_000;
const NONE: Band = { from: 0, to: 0 };

/**
 * Where both logs print whole seconds: the columns of the second before the row's. A line seldom comes a second later than its entry (7 in 1,000), but who
 * stalls once over the turn of a second is late with all that waits: behind a late line the next one is late in nearly every second case. Of six turns with a
 * late line over 3,350 recorded pairs, two had three of them; in runs of a busier host 17 of 28 came behind another.
 * `firstUs` is when denokv's log begins: what stands before that second may as well have had its lines in another log.
 */
export function lateBands(
  rows: readonly Timed[],
  columns: readonly Timed[],
  firstUs: number | null,
): (row: number) => Band {
  const bySecond = new Map<number, { from: number; to: number }>();
  for (const [column, { interval }] of columns.entries()) {
    if (interval === null || !isWholeSecond(interval)) continue;
    const second = bySecond.get(interval.fromUs);
    if (second === undefined) bySecond.set(interval.fromUs, { from: column, to: column + 1 });
    else second.to = column + 1;
  }
  return (row) => {
    const interval = rows[row]?.interval;
    if (interval == null || interval.fromUs === firstUs || !isWholeSecond(interval)) return NONE;
    return bySecond.get(interval.fromUs - SECOND_US) ?? NONE;
  };
}

function isWholeSecond({ fromUs, toUs }: Interval): boolean {
  return toUs - fromUs === SECOND_US;
}
