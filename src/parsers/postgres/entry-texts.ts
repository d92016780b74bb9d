import type { Section } from './labels.ts';
import { flatCopy } from '../latin1.ts';
import { decodedText, type TextMemo } from './text-memo.ts';

/** Bound on what one entry may hold; a longer one (a statement of megabytes) keeps its head. */
const MAX_ENTRY_CHARS = 256 * 1024;

export type TextPart = Section | 'message';
/** Sections that no event has: they only count. */
type Unread = 'query' | 'location' | 'backtrace';

/**
 * The texts of one entry, by section. Lines of a section that lie side by side are one stretch of the text that was read, and become a string of
 * their own only when it is asked for, or when the section ends. A field for each: an entry has two or three, and a list is another object.
 */
export class EntryTexts {
  #message: string | null = null;
  #detail: string | null = null;
  #hint: string | null = null;
  #context: string | null = null;
  #statement: string | null = null;
  readonly #memo: TextMemo;
  #chars = 0;
  #part: TextPart = 'message';
  /** What of the section is not among the texts yet; '' when all is. */
  #source = '';
  #from = 0;
  #to = 0;
  #isAscii = false;
  /** Whether that continues what is. */
  #isRest = false;

  constructor(memo: TextMemo) {
    this.#memo = memo;
  }

  begin(part: TextPart, text: string, from: number, to: number, isAscii: boolean): void {
    this.#settle();
    this.#part = part;
    this.#isRest = false;
    this.#hold(text, from, to, isAscii);
  }

  /** @param bodyFrom behind the tab, or what else stands for it, with which the line begins at `from` */
  continue(text: string, from: number, to: number, bodyFrom: number): void {
    // Side by side, and with a tab for all that is to be left out: decodedText takes it away.
    if (text === this.#source && from === this.#to + 1 && bodyFrom === from + 1) {
      this.#to = to;
      return;
    }
    this.#settle();
    this.#isRest = true;
    this.#hold(text, bodyFrom, to, false);
  }

  of(part: Exclude<TextPart, Unread>): string | null {
    this.#settle();
    switch (part) {
      case 'message':
        return this.#message;
      case 'detail':
        return this.#detail;
      case 'hint':
        return this.#hint;
      case 'context':
        return this.#context;
      case 'statement':
        return this.#statement;
    }
  }

  #hold(text: string, from: number, to: number, isAscii: boolean): void {
    this.#source = text;
    this.#from = from;
    this.#to = to;
    this.#isAscii = isAscii;
  }

  #settle(): void {
    if (this.#source === '') return;
    const raw = this.#source.slice(this.#from, this.#to);
    this.#source = '';
    const room = MAX_ENTRY_CHARS - this.#chars;
    if (room <= 0) return;
    // A detail has values in it, and is another one each time. Cut out of the log's text it would keep 64 KiB alive: a kept event takes half as much without.
    const text = this.#part === 'detail' ? decodedText(flatCopy(raw), this.#isAscii) : this.#memo.textOf(raw);
    const kept = text.length > room ? text.slice(0, room) : text;
    this.#chars += kept.length;
    switch (this.#part) {
      case 'message':
        this.#message = this.#joined(this.#message, kept);
        break;
      case 'detail':
        this.#detail = this.#joined(this.#detail, kept);
        break;
      case 'hint':
        this.#hint = this.#joined(this.#hint, kept);
        break;
      case 'context':
        this.#context = this.#joined(this.#context, kept);
        break;
      case 'statement':
        this.#statement = this.#joined(this.#statement, kept);
        break;
      case 'query':
      case 'location':
      case 'backtrace':
        break;
    }
  }

  #joined(before: string | null, kept: string): string {
    return before === null ? kept : before + (this.#isRest ? '\n' : '') + kept;
  }
}
