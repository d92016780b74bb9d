/** How many lines end before an offset of a file: kept beside its checkpoint, so that a restart cites the lines that it would have cited. */
export class LineMark {
  #offset: number;
  #lines: number;

  constructor(offset: number, lines: number) {
    this.#offset = offset;
    this.#lines = lines;
  }

  /**
   * Moves to another offset, mostly a little further on: in all, each byte is counted once.
   * @param count line ends in [from, to); null when the file can no longer be read
   * @returns lines before the offset, or null
   */
  moveTo(offset: number, count: (from: number, to: number) => number | null): number | null {
    if (offset === this.#offset) return this.#lines;
    const forward = offset > this.#offset;
    const between = forward ? count(this.#offset, offset) : count(offset, this.#offset);
    if (between === null) return null;
    this.#lines += forward ? between : -between;
    this.#offset = offset;
    return this.#lines;
  }
}
