import type { LogEvent } from '../domain.ts';
import { escapeOnOneLine, toJsonLine } from './escape.ts';
import { toEventRow } from '../query/event-row.ts';
import { lineOfEvent } from './show-event.ts';
import { fitWidth } from './text-width.ts';

const FIRST_BYTES = 1 << 19;
const MAX_UTF8_BYTES_PER_UNIT = 3;
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
    else this.#appendOnOneLine(lineOfEvent(event));
  }

  /** What came in since it was last taken. The bytes are overwritten by the next `add`. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return taken;
  }

  /** As escapeOnOneLine has it. Nearly all text is plain: it is folded where it lies. */
  #appendOnOneLine(text: string): void {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    const from = this.#used;
    const end = from + bytes.write(text, from);
    let to = from;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte > BLANK && byte < DELETE) {
        bytes[to++] = byte;
      } else if (byte === BLANK || byte === LF || byte === TAB) {
        if (to > from && bytes[to - 1] !== BLANK) bytes[to++] = BLANK;
      } else {
        this.#append(escapeOnOneLine(text));
        return;
      }
    }
    if (to > from && bytes[to - 1] === BLANK) to--;
    bytes[to] = LF;
    this.#used = to + 1;
  }

  #append(line: string): void {
    this.#makeRoom(line.length);
    const to = this.#used + this.#bytes.write(line, this.#used);
    this.#bytes[to] = LF;
    this.#used = to + 1;
  }

  #makeRoom(chars: number): void {
    const needed = this.#used + chars * MAX_UTF8_BYTES_PER_UNIT + 1;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }
}
