/** Pairs are split by other threads' lines in under 1% of cases, and then by a few lines: more than this never waits for its twin. */
const MAX_PENDING = 256;

/**
 * A failed write prints two lines, `atomic_write failed: X` and `Database error: X`, and other threads may write between them; a failed read
 * prints only the second. Remembers the first lines whose twin is still to come.
 */
export class WriteFailures {
  readonly #pending: { readonly text: string; readonly byteStart: number }[] = [];

  get oldestByteStart(): number | null {
    return this.#pending[0]?.byteStart ?? null;
  }

  add(text: string, byteStart: number): void {
    this.#pending.push({ text, byteStart });
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
  }

  /** A pair whose second line has not come by here was cut by the end of a file; waiting on would hold back everything after it. */
  forgetBefore(byteStart: number): void {
    while (this.#pending[0] !== undefined && this.#pending[0].byteStart < byteStart) this.#pending.shift();
  }

  /** Whether a write announced this text; the oldest such announcement is used up. */
  take(text: string): boolean {
    const index = this.#pending.findIndex((pending) => pending.text === text);
    if (index < 0) return false;
    this.#pending.splice(index, 1);
    return true;
  }
}
