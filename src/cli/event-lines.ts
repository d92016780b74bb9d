import type { LogEvent } from '../domain.ts';
import { toEventRow } from '../query/event-row.ts';
import { MAX_UTC_CHARS, writeUtc } from '../time/rfc3339.ts';
import { escapeOnOneLine, toJsonLine } from './escape.ts';
import { FoldedTexts } from './folded-texts.ts';
import { lineDetail, lineFields, lineOfEvent } from './show-event.ts';
import { fitWidth } from './text-width.ts';

const FIRST_BYTES = 1 << 19;
const MAX_UTF8_BYTES_PER_UNIT = 3;
/** The blank before a text and the line's end. */
const SEPARATOR_BYTES = 2;
/** A whole number, and brackets around it. */
const NUMBER_BYTES = String(Number.MIN_SAFE_INTEGER).length + 3;
const PID = Buffer.from(' [');
const DETAIL = Buffer.from(' DETAIL:');
const STATEMENT = Buffer.from(' STATEMENT:');
/** So few are copied sooner one by one. */
const MAX_LOOP_BYTES = 48;
const LF = 10;
const TAB = 9;
const BLANK = 32;
const HYPHEN = 45;
const ZERO = 48;
const CLOSING = 93;
const DELETE = 127;

export interface EventLinesOptions {
  readonly json: boolean;
  /** To cut lines for people to; Infinity for whole lines. */
  readonly columns: number;
}

/**
 * Events as lines of bytes, ready to be written at once. A log of errors has a million of them: a string for each, joined, escaped and encoded
 * anew, takes longer than to parse them.
 */
export class EventLines {
  readonly #options: EventLinesOptions;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;
  readonly #folded = new FoldedTexts();
  /** What the line before had of these, and the bytes that it became: nearly always the next one has the same. */
  #file: string | null = null;
  #fileBytes: Uint8Array = Buffer.alloc(0);
  #kind = '';
  #severity: string | null = null;
  #kindBytes: Uint8Array = Buffer.alloc(0);

  constructor(options: EventLinesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#used;
  }

  add(event: LogEvent): void {
    if (this.#options.json) this.#append(toJsonLine(toEventRow(event)));
    else if (this.#options.columns < Infinity)
      this.#append(fitWidth(escapeOnOneLine(lineOfEvent(event)), this.#options.columns));
    else this.#appendOnOneLine(event);
  }

  /** What came in since it was last taken. The bytes are overwritten by the next `add`. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return taken;
  }

  /** As escapeOnOneLine has it. Nearly all text is plain: it is folded where it lies. */
  #appendOnOneLine(event: LogEvent): void {
    const from = this.#used;
    if (this.#appendParts(event)) {
      this.#bytes[this.#used++] = LF;
      return;
    }
    this.#used = from;
    this.#append(escapeOnOneLine(lineOfEvent(event)));
  }

  /** The parts of lineOfEvent, one by one. False when one of them is not plain text. */
  #appendParts(event: LogEvent): boolean {
    const { at, citation, kind } = event;
    const { severity, pid, sqlstate, message, statement } = lineFields(event);
    const detail = lineDetail(event);
    this.#makeRoom(MAX_UTC_CHARS);
    if (at === null) this.#bytes[this.#used++] = HYPHEN;
    else this.#used = writeUtc(at.us, this.#bytes, this.#used);
    if (citation.file === this.#file) this.#appendBytes(this.#fileBytes);
    else {
      const from = this.#used;
      if (!this.#appendFolded(`${citation.file}:`)) return false;
      this.#file = citation.file;
      this.#fileBytes = Uint8Array.from(this.#bytes.subarray(from, this.#used));
    }
    this.#appendNumber(citation.line);
    if (kind !== this.#kind || severity !== this.#severity) {
      this.#kind = kind;
      this.#severity = severity;
      this.#kindBytes = Buffer.from(severity === null ? ` ${kind}` : ` ${kind} ${severity}`);
    }
    this.#appendBytes(this.#kindBytes);
    if (pid !== null) {
      this.#appendBytes(PID);
      this.#appendNumber(pid);
      this.#bytes[this.#used++] = CLOSING;
    }
    if (sqlstate !== null && !this.#appendText(sqlstate)) return false;
    if (message !== null && !this.#appendText(message)) return false;
    if (detail !== null) {
      this.#appendBytes(DETAIL);
      if (!this.#appendFolded(detail)) return false;
    }
    if (statement === null) return true;
    this.#appendBytes(STATEMENT);
    return this.#appendText(statement);
  }

  #appendNumber(number: number): void {
    this.#makeRoom(NUMBER_BYTES);
    const bytes = this.#bytes;
    // In integers of 32 bits, which all but a pid that is none is.
    if (number !== number >>> 0) {
      this.#used += bytes.write(String(number), this.#used);
      return;
    }
    let digits = 1;
    for (let rest = number; rest > 9; rest = (rest / 10) >>> 0) digits++;
    let rest = number;
    for (let at = this.#used + digits - 1; at >= this.#used; at--) {
      const tens = (rest / 10) >>> 0;
      bytes[at] = ZERO + rest - 10 * tens;
      rest = tens;
    }
    this.#used += digits;
  }

  /** As #appendFolded has it, for a text that may have come before. */
  #appendText(text: string): boolean {
    const known = this.#folded.find(text);
    if (known !== null) {
      this.#appendBytes(known);
      return true;
    }
    const from = this.#used;
    if (!this.#appendFolded(text)) return false;
    this.#folded.meet(text, this.#bytes.subarray(from, this.#used));
    return true;
  }

  #appendBytes(piece: Uint8Array): void {
    this.#makeRoom(piece.length);
    const bytes = this.#bytes;
    const from = this.#used;
    if (piece.length > MAX_LOOP_BYTES) bytes.set(piece, from);
    else for (let index = 0; index < piece.length; index++) bytes[from + index] = piece[index] ?? 0;
    this.#used = from + piece.length;
  }

  /** A blank and the text: white space at either end of it goes, runs of it in between become one blank. False for what is not plain text. */
  #appendFolded(text: string): boolean {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    const start = this.#used;
    const from = start + 1;
    const end = from + bytes.write(text, from);
    bytes[start] = BLANK;
    let to = from;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte > BLANK && byte < DELETE) bytes[to++] = byte;
      else if (byte !== BLANK && byte !== LF && byte !== TAB) return false;
      else if (to > from && bytes[to - 1] !== BLANK) bytes[to++] = BLANK;
    }
    if (to > from && bytes[to - 1] === BLANK) to--;
    // Nothing but white space leaves no blank behind.
    this.#used = to === from ? start : to;
    return true;
  }

  #append(line: string): void {
    this.#makeRoom(line.length);
    const to = this.#used + this.#bytes.write(line, this.#used);
    this.#bytes[to] = LF;
    this.#used = to + 1;
  }

  #makeRoom(chars: number): void {
    const needed = this.#used + chars * MAX_UTF8_BYTES_PER_UNIT + SEPARATOR_BYTES;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}
