import { MAX_LINE_BYTES, type LineRef } from '../line-reader.ts';

interface Pieces {
  readonly first: LineRef;
  readonly service: string;
  text: string;
}

/** More streams than any container has: past it the oldest is given up as it is. */
const MAX_STREAMS = 64;

/** Joins the pieces of lines that a container runtime cut, stream by stream; a joined line stands where its first piece stood. */
export class PieceJoiner {
  readonly #deliver: (text: string, stamp: LineRef['stamp'], at: LineRef, byteEnd: number, service: string) => void;
  readonly #open = new Map<string, Pieces>();

  constructor(deliver: (text: string, stamp: LineRef['stamp'], at: LineRef, byteEnd: number, service: string) => void) {
    this.#deliver = deliver;
  }

  get openSince(): number | null {
    let oldest: number | null = null;
    for (const { first } of this.#open.values()) oldest = Math.min(oldest ?? first.byteStart, first.byteStart);
    return oldest;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  awaits(stream: string): boolean {
    return this.#open.has(stream);
  }

  /** A piece that stands in the file that was begun after this one. The line it belongs to ends here all the same, as far as anybody can look it up. */
  addFromNextFile(stream: string, piece: { text: string; stamp: LineRef['stamp']; partial: boolean }): void {
    const open = this.#open.get(stream);
    if (open !== undefined) this.add(stream, open.service, piece, open.first);
  }

  add(
    stream: string,
    service: string,
    piece: { text: string; stamp: LineRef['stamp']; partial: boolean },
    ref: LineRef,
  ): void {
    const pieces = this.#open.get(stream) ?? { first: { ...ref, text: '', stamp: piece.stamp }, service, text: '' };
    if (pieces.text.length < MAX_LINE_BYTES) pieces.text += piece.text;
    pieces.first.byteEnd = ref.byteEnd;
    if (piece.partial) {
      this.#open.set(stream, pieces);
      if (this.#open.size > MAX_STREAMS) this.#give(this.#open.keys().next().value ?? stream);
      return;
    }
    this.#open.set(stream, pieces);
    this.#give(stream);
  }

  /** The last pieces never came. */
  end(): void {
    for (const stream of [...this.#open.keys()]) this.#give(stream);
  }

  #give(stream: string): void {
    const pieces = this.#open.get(stream);
    if (pieces === undefined) return;
    this.#open.delete(stream);
    // The first piece was written when the program wrote the line; the others followed from the runtime's buffer.
    this.#deliver(pieces.text, pieces.first.stamp, pieces.first, pieces.first.byteEnd, pieces.service);
  }
}
