import type { LogEvent } from '../domain.ts';
import { escapeOnOneLine, toJsonLine } from './escape.ts';
import { toEventRow } from '../query/event-row.ts';
import { FoldedTexts } from './folded-texts.ts';
import { lineOfEvent, partsOfEvent } from './show-event.ts';
import { fitWidth } from './text-width.ts';

const FIRST_BYTES = 1 << 19;
const MAX_UTF8_BYTES_PER_UNIT = 3;
/** The blank before a statement and the line's end. */
const SEPARATOR_BYTES = 2;
const LF = 10;
const TAB = 9;
const BLANK = 32;
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
    const { line, statement } = partsOfEvent(event);
    if (!this.#appendFolded(line) || (statement !== null && !this.#appendStatement(statement))) {
      this.#used = from;
      this.#append(escapeOnOneLine(lineOfEvent(event)));
      return;
    }
    this.#bytes[this.#used++] = LF;
  }

  #appendStatement(statement: string): boolean {
    const known = this.#folded.find(statement);
    this.#makeRoom(known?.length ?? 0);
    const end = this.#used;
    this.#bytes[this.#used++] = BLANK;
    const from = this.#used;
    if (known !== null) {
      this.#bytes.set(known, from);
      this.#used += known.length;
      return true;
    }
    if (!this.#appendFolded(statement)) return false;
    this.#folded.meet(statement, this.#bytes.subarray(from, this.#used));
    // Nothing but white space leaves no blank behind.
    if (this.#used === from) this.#used = end;
    return true;
  }

  /** White space at either end goes, runs of it in between become one blank. False for what is not plain text. */
  #appendFolded(text: string): boolean {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    const from = this.#used;
    const end = from + bytes.write(text, from);
    let to = from;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte > BLANK && byte < DELETE) bytes[to++] = byte;
      else if (byte !== BLANK && byte !== LF && byte !== TAB) return false;
      else if (to > from && bytes[to - 1] !== BLANK) bytes[to++] = BLANK;
    }
    if (to > from && bytes[to - 1] === BLANK) to--;
    this.#used = to;
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
