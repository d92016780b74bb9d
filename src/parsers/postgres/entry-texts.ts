import type { LineRef } from '../line-reader.ts';
import type { Section } from './labels.ts';
import { textOfLines, type TextMemo } from './text-memo.ts';

/** Bound on what one entry may hold; a longer one (a statement of megabytes) keeps its head. */
const MAX_ENTRY_CHARS = 256 * 1024;

export type TextPart = Section | 'message';

/**
 * The texts of one entry, by section. Lines of a section that lie side by side are one stretch of the text that was read, and become a string of
 * their own only when it is asked for, or when the section ends.
 */
export class EntryTexts {
  readonly #memo: TextMemo;
  /** An entry has two or three: they are found sooner in a list than by their names. */
  readonly #parts: TextPart[] = [];
  readonly #texts: string[] = [];
  #chars = 0;
  #part: TextPart = 'message';
  /** What of the section is not in `#texts` yet; '' when all is. */
  #source = '';
  #from = 0;
  #to = 0;
  /** Whether that continues what is. */
  #isRest = false;

  constructor(memo: TextMemo) {
    this.#memo = memo;
  }

  begin(part: TextPart, { text, to }: LineRef, from: number): void {
    this.#settle();
    this.#part = part;
    this.#isRest = false;
    this.#hold(text, from, to);
  }

  continue({ text, from, to }: LineRef, bodyFrom: number): void {
    // Side by side, and with a tab for all that is to be left out: textOfLines takes it away.
    if (text === this.#source && from === this.#to + 1 && bodyFrom === from + 1) {
      this.#to = to;
      return;
    }
    this.#settle();
    this.#isRest = true;
    this.#hold(text, bodyFrom, to);
  }

  of(part: TextPart): string | null {
    this.#settle();
    return this.#texts[this.#parts.indexOf(part)] ?? null;
  }

  #hold(text: string, from: number, to: number): void {
    this.#source = text;
    this.#from = from;
    this.#to = to;
  }

  #settle(): void {
    if (this.#source === '') return;
    const raw = this.#source.slice(this.#from, this.#to);
    this.#source = '';
    const room = MAX_ENTRY_CHARS - this.#chars;
    if (room <= 0) return;
    // A detail has values in it, and is another one each time.
    const text = this.#part === 'detail' ? textOfLines(raw) : this.#memo.textOf(raw);
    const kept = text.length > room ? text.slice(0, room) : text;
    this.#chars += kept.length;
    const place = this.#parts.indexOf(this.#part);
    const before = this.#texts[place];
    if (before !== undefined) {
      this.#texts[place] = before + (this.#isRest ? '\n' : '') + kept;
    } else {
      this.#parts.push(this.#part);
      this.#texts.push(kept);
    }
  }
}
