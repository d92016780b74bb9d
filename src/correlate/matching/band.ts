import { REACH_US } from '../timing/delay.ts';
import type { Timed } from '../timing/interval.ts';

/** The columns [from, to) that a row may be paired with. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/**
 * Which columns a row could reach by time alone; rows and columns are in order of time, and a column comes before its row. Found by two marks that only
 * move forward, so the whole costs one pass. What has no time lies between its neighbours.
 */
export function bandByTime(
  rows: readonly Timed[],
  columns: readonly Timed[],
  reach: { readonly before: number; readonly after: number } = REACH_US,
): (row: number) => Band {
  const ends = filledBackward(columns.map(({ interval }) => interval?.toUs ?? null));
  const starts = filledForward(columns.map(({ interval }) => interval?.fromUs ?? null));
  let from = 0;
  let to = 0;
  const bands = rows.map(({ interval }): Band | null => {
    if (interval === null) return null;
    while (from < ends.length && (ends[from] ?? 0) < interval.fromUs - reach.before) from++;
    to = Math.max(to, from);
    while (to < starts.length && (starts[to] ?? 0) <= interval.toUs + reach.after) to++;
    return { from, to };
  });
  let fromOfLast = 0;
  const froms = bands.map((band) => (fromOfLast = band?.from ?? fromOfLast));
  let toOfNext = columns.length;
  const tos = bands.toReversed().map((band) => (toOfNext = band?.to ?? toOfNext));
  return (row) => ({ from: froms[row] ?? 0, to: tos[tos.length - 1 - row] ?? columns.length });
}

function filledForward(times: readonly (number | null)[]): number[] {
  let last = Number.NEGATIVE_INFINITY;
  return times.map((us) => (last = us ?? last));
}

function filledBackward(times: readonly (number | null)[]): number[] {
  let next = Number.POSITIVE_INFINITY;
  return times
    .toReversed()
    .map((us) => (next = us ?? next))
    .toReversed();
}

/** How far from its rank a row is tried at least, and as far as the budget goes: equal errors drift apart by chance, and by as many as are left out. */
const MIN_HALF_BAND = 64;
const HALF_BAND = 256;
const MAX_CELLS = 1_200_000;

/**
 * Bounds the work where thousands of equal errors share one second. Rows whose bands touch are one stretch; inside it a row is only tried near the place
 * that its rank gives it. Ranks are counted within the stretch, so what one log lacks elsewhere shifts nobody here.
 */
export function narrowBands(problem: {
  readonly rows: number;
  readonly columns: number;
  readonly band: (row: number) => Band;
}): Band[] {
  const bands: Band[] = [];
  for (let row = 0; row < problem.rows; row++) {
    const { from, to } = problem.band(row);
    const start = Math.min(Math.max(from, 0), problem.columns);
    bands.push({ from: start, to: Math.max(start, Math.min(to, problem.columns)) });
  }
  let first = 0;
  while (first < bands.length) {
    let last = first;
    let next = first + 1;
    for (; next < bands.length; next++) {
      const band = bands[next];
      if (band === undefined || band.from === band.to) continue;
      if (band.from >= (bands[last]?.to ?? 0)) break;
      last = next;
    }
    narrowStretch(bands, first, last);
    first = last + 1;
  }
  return bands;
}

function narrowStretch(bands: Band[], first: number, last: number): void {
  const rows = last - first + 1;
  const start = bands[first]?.from ?? 0;
  const columns = (bands[last]?.to ?? 0) - start;
  const affordable = Math.max(MIN_HALF_BAND, Math.floor(MAX_CELLS / (2 * rows)));
  const half = Math.min(HALF_BAND + Math.abs(columns - rows), affordable);
  for (let row = first; row <= last; row++) {
    const band = bands[row];
    if (band === undefined) continue;
    const rank = start + Math.round(((row - first) * columns) / rows);
    const from = Math.min(Math.max(band.from, rank - half), band.to);
    bands[row] = { from, to: Math.max(from, Math.min(band.to, rank + half + 1)) };
  }
}
