/** Rows from the first, inclusive, to the last, exclusive. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Which rows are in sight, with some more on both sides; the edges move in steps, so that a scroll of a few pixels changes nothing. */
export function visibleRange(
  scrollTopPx: number,
  heightPx: number,
  rowHeightPx: number,
  count: number,
  overscan: number,
): RowRange {
  const step = Math.max(1, Math.floor(overscan / 2));
  const first = Math.floor(Math.max(0, scrollTopPx) / rowHeightPx);
  const last = Math.ceil((Math.max(0, scrollTopPx) + heightPx) / rowHeightPx);
  const from = Math.max(0, Math.floor((first - overscan) / step) * step);
  const to = Math.min(count, Math.ceil((last + overscan) / step) * step);
  return { from: Math.min(from, to), to };
}

type Step = (row: number, perPage: number, last: number) => number;

const STEPS: Readonly<Record<string, Step>> = {
  ArrowDown: (row) => row + 1,
  ArrowUp: (row) => row - 1,
  PageDown: (row, perPage) => row + perPage,
  PageUp: (row, perPage) => row - perPage,
  Home: () => 0,
  End: (_row, _perPage, last) => last,
};

/** The row that a key leads to, or null for a key that leads nowhere. */
export function stepTo(key: string, row: number, count: number, perPage: number): number | null {
  const step = Object.hasOwn(STEPS, key) ? STEPS[key] : undefined;
  if (step === undefined || count === 0) return null;
  return Math.max(0, Math.min(count - 1, step(row, perPage, count - 1)));
}
