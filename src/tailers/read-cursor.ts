import { HEAD_MAX_BYTES, MARKER_MAX_BYTES } from './fingerprint.ts';

const EMPTY = Buffer.alloc(0);

/** How far one generation of a file has been read, and the bytes that prove it: its head and the marker before the offset. */
export class ReadCursor {
  #offset = 0;
  #head: Buffer = EMPTY;
  #marker: Buffer = EMPTY;

  get offset(): number {
    return this.#offset;
  }

  get markerBytes(): number {
    return this.#marker.length;
  }

  /** The head as it will be once `bytes`, which begin at the offset, are taken over as well. */
  headWith(bytes: Buffer = EMPTY): Buffer {
    const missing = Math.min(HEAD_MAX_BYTES, this.#offset + bytes.length) - this.#head.length;
    if (missing <= 0) return this.#head;
    const from = this.#head.length - this.#offset;
    return Buffer.concat([this.#head, bytes.subarray(from, from + missing)]);
  }

  /** True when `bytes`, read just before the offset, are those that were read there before. */
  follows(bytes: Buffer): boolean {
    return this.#marker.equals(bytes);
  }

  /** The remembered bytes before `offset`, or null when the offset is not the cursor's own. */
  markerAt(offset: number): Buffer | null {
    return offset === this.#offset ? this.#marker : null;
  }

  /** Takes over bytes that the handler accepted. They are copied: the read buffer is reused. */
  advance(bytes: Buffer): void {
    this.#head = this.headWith(bytes);
    const keep = Math.max(0, MARKER_MAX_BYTES - bytes.length);
    const kept = keep === 0 ? EMPTY : this.#marker.subarray(-keep);
    this.#marker = Buffer.concat([kept, bytes.subarray(-MARKER_MAX_BYTES)]);
    this.#offset += bytes.length;
  }

  /** Begins anew, at the first byte of the next generation. */
  restart(): void {
    this.resume(0, EMPTY, EMPTY);
  }

  /** Goes on at `offset`. `head` must reach the offset or be HEAD_MAX_BYTES long; `marker` ends at the offset. */
  resume(offset: number, head: Buffer, marker: Buffer): void {
    this.#offset = offset;
    this.#head = head;
    this.#marker = marker;
  }
}
