import { decodeUtf8, flatCopy } from '../latin1.ts';

/** A power of two: what lies where is told by the low bits of the length. */
const SLOTS = 256;
/** A shorter text is made anew as quickly as it is found; longer ones are few. */
const MIN_CHARS = 16;
const MAX_CHARS = 8192;

interface Known {
  readonly raw: string;
  readonly text: string;
}

/**
 * Texts of entries as they were read last, by their bytes: a program has so many statements, and a log of errors repeats them a million times. Who
 * meets one again gets the very same string, which costs no memory and is quick to compare.
 */
export class TextMemo {
  readonly #known: (Known | undefined)[] = Array.from({ length: SLOTS });
  /** Of the text that was met last in a slot: only what is met twice is kept. */
  readonly #marks = new Float64Array(SLOTS);

  /** The text of an entry's lines, of its own: decoded, without the tab that Postgres puts in front of each but the first. */
  textOf(raw: string): string {
    if (raw.length < MIN_CHARS || raw.length > MAX_CHARS) return textOfLines(flatCopy(raw));
    const slot = raw.length & (SLOTS - 1);
    const known = this.#known[slot];
    if (known?.raw === raw) return known.text;
    const mark = markOf(raw);
    if (this.#marks[slot] !== mark) {
      this.#marks[slot] = mark;
      return textOfLines(flatCopy(raw));
    }
    const copy = flatCopy(raw);
    const text = textOfLines(copy);
    this.#known[slot] = { raw: copy, text };
    return text;
  }
}

export function textOfLines(raw: string): string {
  return decodedText(raw, false);
}

/** The same where it may be known already that there is nothing to decode. */
export function decodedText(raw: string, isAscii: boolean): string {
  const text = raw.includes('\n') ? raw.replaceAll('\n\t', '\n') : raw;
  return isAscii ? text : decodeUtf8(text);
}

/** Cheap, and different for nearly all texts of the same length: what differs stands at the end of a text or in its middle. */
function markOf(raw: string): number {
  const { length } = raw;
  let mark = length;
  for (const at of [length - 1, length - 2, length >> 1, (length >> 1) - 1, length >> 2])
    mark = mark * 256 + raw.charCodeAt(at);
  return mark;
}
