import { REACH_US } from './delay.ts';
import type { Interval } from './interval.ts';

interface Timed {
  readonly interval: Interval | null;
}

/**
 * Which columns a row could reach by time alone; rows and columns are in order of time, and a column comes before its row. Found by two marks that only
 * move forward, so the whole costs one pass. What has no time could be anywhere.
 */
export function bandByTime(
  rows: readonly Timed[],
  columns: readonly Timed[],
  reach: { readonly before: number; readonly after: number } = REACH_US,
): (row: number) => { from: number; to: number } {
  let from = 0;
  let to = 0;
  const bands = rows.map(({ interval }) => {
    if (interval === null) return { from, to: columns.length };
    while (
      from < columns.length &&
      (columns[from]?.interval?.toUs ?? Number.POSITIVE_INFINITY) < interval.fromUs - reach.before
    )
      from++;
    to = Math.max(to, from);
    while (
      to < columns.length &&
      (columns[to]?.interval?.fromUs ?? Number.NEGATIVE_INFINITY) <= interval.toUs + reach.after
    )
      to++;
    return { from, to };
  });
  return (row) => bands[row] ?? { from: 0, to: columns.length };
}
