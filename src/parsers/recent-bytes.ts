/** So far back a reader may ask for bytes that were passed over. */
const REACH_BYTES = 64 * 1024;

/** The last bytes of a log, as far back as anybody asks: those of the chunk at hand, and a copy of the end of what came before it. */
export class RecentBytes {
  #tail = Buffer.alloc(0);
  #tailStart = 0;
  #chunk: Buffer | null = null;
  #chunkStart = 0;

  /** A chunk is being read: it stays the caller's own. */
  open(chunk: Buffer, byteStart: number): void {
    this.#chunk = chunk;
    this.#chunkStart = byteStart;
    if (this.#tailStart + this.#tail.length !== byteStart) this.#tail = Buffer.alloc(0);
  }

  /** The chunk's owner may reuse it: its end is copied. */
  close(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    this.#chunk = null;
    const end = chunk.subarray(Math.max(0, chunk.length - REACH_BYTES));
    const before = this.#tail.subarray(Math.max(0, this.#tail.length - (REACH_BYTES - end.length)));
    this.#tail = Buffer.concat([before, end]);
    this.#tailStart = this.#chunkStart + chunk.length - this.#tail.length;
  }

  /** Latin1 text of what is left of [byteStart, byteEnd). */
  read(byteStart: number, byteEnd: number): string {
    const slice = (bytes: Buffer, start: number): string =>
      bytes.toString(
        'latin1',
        Math.min(bytes.length, Math.max(0, byteStart - start)),
        Math.min(bytes.length, Math.max(0, byteEnd - start)),
      );
    return slice(this.#tail, this.#tailStart) + (this.#chunk === null ? '' : slice(this.#chunk, this.#chunkStart));
  }
}
