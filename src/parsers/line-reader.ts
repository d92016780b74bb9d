import { isAscii } from 'node:buffer';
import type { Chunk, Instant } from '../domain.ts';
import { RecentBytes } from './recent-bytes.ts';
import type { NoiseForm } from './scan/noise-marks.ts';
import { scanNoise } from './scan/noise-scanner.ts';

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
  /** Which process wrote it, where an envelope knows; null in a plain file. */
  pid: number | null;
}

export interface LineSink {
  line(ref: LineRef): void;
}

/** Whole lines that lie side by side in one text; who takes some of them moves `at` and `line` behind the last. */
export interface LineBlock {
  /** As LineRef has it, line ends included. */
  readonly text: string;
  /** What is cut out of the text needs no decoding. */
  readonly isAscii: boolean;
  readonly byteStart: number;
  /** Where in the text the next line begins. */
  at: number;
  /** Lines of the file before that. */
  line: number;
}

/** Lines that a scan passed over because all of them are statement noise. */
export interface SkippedLines {
  readonly byteStart: number;
  readonly byteEnd: number;
  /** Their bytes between two offsets as latin1; what lies further back than RecentBytes reaches is left out. */
  read(byteStart: number, byteEnd: number): string;
}

/** A reader of whole lines that can do without those which a scan knows to be statement noise. */
export interface NoiseSink extends LineSink {
  readonly noiseForm: NoiseForm;
  /** Where in a line of stderr form the pid stands, when only fields of fixed width stand before it; else -1. */
  readonly pidOffset?: number;
  skip(skipped: SkippedLines): void;
  /** Takes of a block, from its front, what can be read quicker than line by line; the line at which it leaves off comes to `line`. */
  takeBlock?(block: LineBlock): void;
}

/** No line of either log is useful past this; a longer one keeps its head and the rest is counted. */
export const MAX_LINE_BYTES = 1 << 20;

/**
 * Where a log was emptied under a writer that does not append, all up to where it writes on is a hole, and reads as NULs before the next line. A hole of
 * megabytes must not count as the head of that line.
 */
const NUL = 0;
const LF = 10;
const CR = 13;
const FIRST_CARRY_BYTES = 4096;
const TEXT_BYTES = 64 * 1024;

/** Splits chunks, cut at any byte, into lines. An unfinished last line is held, never emitted by time: only `end` gives it up. */
export class LineReader {
  truncatedLines = 0;
  /** Lines of the file up to here. */
  lineCount: number;
  readonly #sink: LineSink;
  #noiseSink: NoiseSink | null = null;
  #onStatements: (count: number) => void = () => undefined;
  readonly #recent = new RecentBytes();
  /** Head of a line whose end has not come yet; `#carryBytes` of it are in use. */
  #carry = Buffer.alloc(0);
  #carryBytes = 0;
  #carryByteStart = 0;
  #droppedBytes = 0;
  readonly #ref: LineRef = { text: '', from: 0, to: 0, byteStart: 0, byteEnd: 0, line: 0, stamp: null, pid: null };

  constructor(sink: LineSink, linesBefore: number) {
    this.#sink = sink;
    this.lineCount = linesBefore;
  }

  /** From now on statement noise is scanned for and passed over: `sink` (the one that the lines go to) hears of it, `onStatements` counts it. */
  passOverNoise(sink: NoiseSink, onStatements: (count: number) => void): void {
    this.#noiseSink = sink;
    this.#onStatements = onStatements;
  }

  /** Offset of the first byte that no finished line holds. */
  get heldFrom(): number {
    return this.#carryByteStart;
  }

  push({ bytes, byteStart }: Chunk): void {
    if (this.#noiseSink === null) {
      this.#push(bytes, byteStart);
      return;
    }
    this.#recent.open(bytes, byteStart);
    this.#push(bytes, byteStart);
    this.#recent.close();
  }

  #push(bytes: Buffer, byteStart: number): void {
    let from = 0;
    if (this.#carryBytes > 0 || this.#droppedBytes > 0) {
      const newline = bytes.indexOf(LF);
      this.#hold(bytes.subarray(0, newline < 0 ? bytes.length : newline));
      if (newline < 0) return;
      this.#emitCarry(byteStart + newline + 1);
      from = newline + 1;
    }
    const to = bytes.lastIndexOf(LF) + 1;
    if (to > from) {
      if (this.#noiseSink === null) this.#emitLines(bytes, from, to, byteStart);
      else this.#emitCandidates(bytes, from, to, byteStart, this.#noiseSink);
    }
    this.#carryByteStart = byteStart + Math.max(from, to);
    this.#hold(bytes.subarray(Math.max(from, to)));
  }

  /** The file will not grow any more: what is held is its last line. */
  end(): void {
    if (this.#carryBytes === 0) return;
    const byteEnd = this.#carryByteStart + this.#carryBytes + this.#droppedBytes;
    this.#emitCarry(byteEnd);
    this.#carryByteStart = byteEnd;
  }

  #emitCandidates(bytes: Buffer, from: number, to: number, base: number, sink: NoiseSink): void {
    let done = from;
    const lineBase = this.lineCount;
    const skipTo = (end: number): void => {
      if (end > done)
        sink.skip({
          byteStart: base + done,
          byteEnd: base + end,
          read: (start, stop) => this.#recent.read(start, stop),
        });
    };
    const { lines, statements } = scanNoise(
      bytes.subarray(from, to),
      sink.noiseForm,
      sink.pidOffset ?? -1,
      (runFrom, runTo, linesBefore) => {
        skipTo(from + runFrom);
        this.lineCount = lineBase + linesBefore;
        done = from + runTo;
        this.#emitLines(bytes, from + runFrom, done, base);
      },
    );
    skipTo(to);
    this.lineCount = lineBase + lines;
    if (statements > 0) this.#onStatements(statements);
  }

  /** Whole lines only, some at a time: a text of less than 128 KiB dies young, a larger one burdens the collector. */
  #emitLines(bytes: Buffer, start: number, end: number, base: number): void {
    for (let from = start; from < end;) {
      const last = end - from <= TEXT_BYTES ? end : bytes.lastIndexOf(LF, from + TEXT_BYTES - 1) + 1;
      const to = last > from ? last : bytes.indexOf(LF, from) + 1;
      const text = bytes.toString('latin1', from, to);
      if (this.#noiseSink?.takeBlock === undefined) this.#emitText(text, 0, base + from);
      else this.#emitBlock(text, isAscii(bytes.subarray(from, to)), base + from, this.#noiseSink);
      from = to;
    }
  }

  #emitText(text: string, start: number, byteStart: number): void {
    let from = start;
    for (let to = text.indexOf('\n', from); to >= 0; to = text.indexOf('\n', from)) {
      this.#emit(text, from, to, byteStart + from, byteStart + to + 1);
      from = to + 1;
    }
  }

  #emitBlock(text: string, ascii: boolean, byteStart: number, sink: NoiseSink): void {
    const block: LineBlock = { text, isAscii: ascii, byteStart, at: 0, line: this.lineCount };
    for (;;) {
      sink.takeBlock?.(block);
      this.lineCount = block.line;
      const from = block.at;
      const to = text.indexOf('\n', from);
      if (to < 0) return;
      this.#emit(text, from, to, byteStart + from, byteStart + to + 1);
      block.at = to + 1;
      block.line = this.lineCount;
    }
  }

  #emitCarry(byteEnd: number): void {
    const text = this.#carry.toString('latin1', 0, this.#carryBytes);
    this.#carryBytes = 0;
    this.#droppedBytes = 0;
    this.#emit(text, 0, text.length, this.#carryByteStart, byteEnd);
  }

  #hold(bytes: Buffer): void {
    const holes = this.#carryBytes + this.#droppedBytes === 0 ? holesIn(bytes) : 0;
    this.#carryByteStart += holes;
    const piece = bytes.subarray(holes);
    const kept = Math.min(piece.length, MAX_LINE_BYTES - this.#carryBytes);
    this.#droppedBytes += piece.length - kept;
    const needed = this.#carryBytes + kept;
    if (needed > this.#carry.length) {
      // Doubling: a line of megabytes that comes in small pieces is copied a few times, not once a piece.
      const grown = Buffer.allocUnsafe(
        Math.min(MAX_LINE_BYTES, Math.max(FIRST_CARRY_BYTES, needed, 2 * this.#carry.length)),
      );
      this.#carry.copy(grown, 0, 0, this.#carryBytes);
      this.#carry = grown;
    }
    piece.copy(this.#carry, this.#carryBytes, 0, kept);
    this.#carryBytes = needed;
  }

  #emit(text: string, start: number, to: number, lineStart: number, byteEnd: number): void {
    this.lineCount++;
    let from = start;
    while (from < to && text.charCodeAt(from) === NUL) from++;
    const byteStart = lineStart + from - start;
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

/** How many NULs the bytes begin with. */
function holesIn(bytes: Buffer): number {
  let count = 0;
  while (count < bytes.length && bytes[count] === NUL) count++;
  return count;
}
