/** Marks a cursor whose entry is still to be read. */
export const BEFORE = 'before:';

interface Place {
  /** Offset just after the entry. */
  readonly end: number;
  readonly cursor: string | null;
}

/** Where each entry of a journal ends in the count of bytes that were handed on, for as long as a checkpoint may still ask. */
export class JournalLedger {
  #places: Place[] = [];
  #start: Place = { end: 0, cursor: null };

  /** Of the last entry. */
  get offset(): number {
    return this.#last.end;
  }

  get cursor(): string | null {
    return this.#last.cursor;
  }

  /** Stands before the entry that follows `cursor`. */
  resume(offset: number, cursor: string | null): void {
    this.#places = [];
    this.#start = { end: offset, cursor };
  }

  add(bytes: number, cursor: string): void {
    // Until the first entry is stored, the place is before it, and only its own cursor can say so.
    if (this.#start.cursor === null) this.#start = { ...this.#start, cursor: `${BEFORE}${cursor}` };
    this.#places.push({ end: this.offset + bytes, cursor });
  }

  /** Takes back the last entries: nobody took them. */
  takeBack(count: number): void {
    this.#places.length -= count;
  }

  /** The last place that is not after `offset`; what lies before it is forgotten with the next call. */
  before(offset: number): Place {
    const at = this.#places.findLastIndex(({ end }) => end <= offset);
    return this.#places[at] ?? this.#start;
  }

  /** Entries that end in (from, to]. The earlier ones are not asked for again. */
  count(from: number, to: number): number {
    const count = this.#places.filter(({ end }) => end > from && end <= to).length;
    const place = this.before(to);
    this.#places = this.#places.filter(({ end }) => end > to);
    this.#start = place;
    return count;
  }

  get #last(): Place {
    return this.#places.at(-1) ?? this.#start;
  }
}
