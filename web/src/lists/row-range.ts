/** Rows from the first, inclusive, to the last, exclusive. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The rows that are in the page, and from where their elements are counted. */
export interface RowWindow extends RowRange {
  readonly origin: number;
}

/** Which rows are in sight, with some more on both sides: always as many, as long as there are so many. */
export function visibleRange(
  scrollTopPx: number,
  heightPx: number,
  rowHeightPx: number,
  count: number,
  overscan: number,
): RowRange {
  const length = Math.ceil(heightPx / rowHeightPx) + 1 + 2 * overscan;
  const first = Math.floor(scrollTopPx / rowHeightPx) - overscan;
  const from = Math.max(0, Math.min(first, count - length));
  return { from, to: Math.min(count, from + length) };
}

/**
 * Moves the window. Rows that stay in it keep their elements, and those that are scrolled out lend theirs to those that come in at the other end; after a
 * jump, where no row stays, each place keeps its element, so that none is moved within the page.
 */
export function moveWindow(last: RowWindow, next: RowRange): RowWindow {
  if (last.from === next.from && last.to === next.to) return last;
  const isJump = next.from >= last.to || next.to <= last.from;
  return { ...next, origin: isJump ? last.origin + next.from - last.from : last.origin };
}

/** Which of the window's elements shows a row. */
export function slotOf({ from, to, origin }: RowWindow, index: number): number {
  const length = Math.max(1, to - from);
  return (((index - origin) % length) + length) % length;
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
