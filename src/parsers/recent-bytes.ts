/** So far back a reader may ask for bytes that were passed over. */
const REACH_BYTES = 64 * 1024;

/** The last bytes of a log, as far back as anybody asks: those of the chunk at hand, and a copy of the end of what came before it. */
export class RecentBytes {
  readonly #tail = Buffer.allocUnsafe(REACH_BYTES);
  #tailBytes = 0;
  #tailStart = 0;
  #chunk: Buffer | null = null;
  #chunkStart = 0;

  /** A chunk is being read: it stays the caller's own. */
  open(chunk: Buffer, byteStart: number): void {
    this.#chunk = chunk;
    this.#chunkStart = byteStart;
    if (this.#tailStart + this.#tailBytes !== byteStart) this.#tailBytes = 0;
  }

  /** The chunk's owner may reuse it: its end is copied. */
  close(): void {
    const chunk = this.#chunk;
    if (chunk === null) return;
    this.#chunk = null;
    const added = Math.min(chunk.length, REACH_BYTES);
    const kept = Math.min(this.#tailBytes, REACH_BYTES - added);
    this.#tail.copyWithin(0, this.#tailBytes - kept, this.#tailBytes);
    chunk.copy(this.#tail, kept, chunk.length - added);
    this.#tailBytes = kept + added;
    this.#tailStart = this.#chunkStart + chunk.length - this.#tailBytes;
  }

  /** Latin1 text of what is left of [byteStart, byteEnd). */
  read(byteStart: number, byteEnd: number): string {
    const slice = (bytes: Buffer, length: number, start: number): string =>
      bytes.toString(
        'latin1',
        Math.min(length, Math.max(0, byteStart - start)),
        Math.min(length, Math.max(0, byteEnd - start)),
      );
    const chunk = this.#chunk;
    return (
      slice(this.#tail, this.#tailBytes, this.#tailStart) +
      (chunk === null ? '' : slice(chunk, chunk.length, this.#chunkStart))
    );
  }
}
