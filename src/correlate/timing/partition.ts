/** An array, or one of numbers that are kept tight. */
interface Indexed<T> {
  readonly length: number;
  readonly [at: number]: T;
}

/** How many items at the front pass, where all that pass stand before all that don't: a binary search. */
export function countWhile<T>(items: Indexed<T>, passes: (item: T) => boolean): number {
  let from = 0;
  let to = items.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const item = items[middle];
    if (item !== undefined && passes(item)) from = middle + 1;
    else to = middle;
  }
  return from;
}
