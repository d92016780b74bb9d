import type { Chunk, Instant } from '../domain.ts';

/**
 * One physical line, or what an envelope unwrapped from one. The text is bytes seen as latin1 (one char a byte), `text[from, to)` without its
 * line end: slicing is cheap and exact, and only what is kept is ever decoded. Readers reuse one object for all lines: copy what you keep.
 */
export interface LineRef {
  text: string;
  from: number;
  to: number;
  byteStart: number;
  byteEnd: number;
  /** 1-based, in the wrapped file. */
  line: number;
  /** When an envelope stamped the line; null in a plain file. */
  stamp: Instant | null;
}

export interface LineSink {
  line(ref: LineRef): void;
}

/** No line of either log is useful past this; a longer one keeps its head and the rest is counted. */
export const MAX_LINE_BYTES = 1 << 20;

const LF = '\n';
const CR = 13;

/** Splits chunks, cut at any byte, into lines. An unfinished last line is held, never emitted by time: only `end` gives it up. */
export class LineReader {
  truncatedLines = 0;
  /** Lines of the file up to here. */
  lineCount: number;
  readonly #sink: LineSink;
  #carry = '';
  #carryByteStart = 0;
  #droppedBytes = 0;
  readonly #ref: LineRef = { text: '', from: 0, to: 0, byteStart: 0, byteEnd: 0, line: 0, stamp: null };

  constructor(sink: LineSink, linesBefore: number) {
    this.#sink = sink;
    this.lineCount = linesBefore;
  }

  /** Offset of the first byte that no finished line holds. */
  get heldFrom(): number {
    return this.#carryByteStart;
  }

  push(chunk: Chunk): void {
    const fresh = chunk.bytes.toString('latin1');
    let text = fresh;
    let base = chunk.byteStart;
    if (this.#carry.length > 0 || this.#droppedBytes > 0) {
      const newline = fresh.indexOf(LF);
      if (newline < 0) {
        this.#hold(fresh);
        return;
      }
      this.#hold(fresh.slice(0, newline));
      this.#emit(this.#carry, 0, this.#carry.length, this.#carryByteStart, base + newline + 1);
      this.#carry = '';
      this.#droppedBytes = 0;
      text = fresh.slice(newline + 1);
      base += newline + 1;
    }
    let from = 0;
    for (let to = text.indexOf(LF); to >= 0; to = text.indexOf(LF, from)) {
      this.#emit(text, from, to, base + from, base + to + 1);
      from = to + 1;
    }
    this.#carryByteStart = base + from;
    if (from < text.length) this.#hold(text.slice(from));
  }

  /** The file will not grow any more: what is held is its last line. */
  end(): void {
    if (this.#carry.length === 0) return;
    const byteEnd = this.#carryByteStart + this.#carry.length + this.#droppedBytes;
    this.#emit(this.#carry, 0, this.#carry.length, this.#carryByteStart, byteEnd);
    this.#carry = '';
    this.#droppedBytes = 0;
    this.#carryByteStart = byteEnd;
  }

  #hold(piece: string): void {
    const room = MAX_LINE_BYTES - this.#carry.length;
    if (piece.length > room) {
      this.#droppedBytes += piece.length - room;
      this.#carry += piece.slice(0, room);
    } else {
      this.#carry += piece;
    }
  }

  #emit(text: string, from: number, to: number, byteStart: number, byteEnd: number): void {
    this.lineCount++;
    let end = to > from && text.charCodeAt(to - 1) === CR ? to - 1 : to;
    if (end - from >= MAX_LINE_BYTES) {
      end = from + MAX_LINE_BYTES;
      this.truncatedLines++;
    }
    const ref = this.#ref;
    ref.text = text;
    ref.from = from;
    ref.to = end;
    ref.byteStart = byteStart;
    ref.byteEnd = byteEnd;
    ref.line = this.lineCount;
    this.#sink.line(ref);
  }
}
