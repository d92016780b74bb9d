import { LABELS } from './labels.ts';

/** A line that shows a label: what stands before it may be a prefix. Latin1 text, its head only. */
export interface EntryLine {
  readonly text: string;
  /** What stands before the first label. A client's application name can imitate one, but not every client's does. */
  readonly prefix: string;
  /** As read with the first label, or with the one that a known cut leads to. */
  readonly label: string;
  readonly message: string;
}

const MAX_PREFIX_CHARS = 300;
const HEAD_CHARS = 600;
const MAX_LABEL_CHARS = 48;
const MAX_BLANKS = 16;
const LONG_BLANKS = / {17,}/g;
const SEVERITY_TAIL = /:(?: {2}| ?$)/y;
const SECTION_TAIL = /: {0,3}/y;
const WORD = /[A-Z?\x60\x80-\xff'][A-Z0-9?\x60\x80-\xff']*$/;
const GLUED = /:\d\d(?:\.\d{3})? [A-Z]{3,5}?(LOG|ERROR|FATAL|PANIC|WARNING|DETAIL|HINT|CONTEXT|STATEMENT)$/;
/** Some languages' labels are two words. */
const TWO_WORDS = /[A-Z\x80-\xff']+ [A-Z\x80-\xff']+$/;

/**
 * The head of a line as an entry line; null when no label stands near its beginning. A line that begins with a tab continues another one.
 * Goes from colon to colon: to try every label at every place takes ten times as long, and this runs on each line of a sample.
 */
export function entryLineOf(line: string): EntryLine | null {
  if (line.startsWith('\t')) return null;
  // Patterns of many names take ages to fail on a long run of blanks, and no padding is so wide.
  const text = line.slice(0, HEAD_CHARS).replaceAll(LONG_BLANKS, ' '.repeat(MAX_BLANKS));
  for (let colon = text.indexOf(':'); colon >= 0 && colon <= MAX_PREFIX_CHARS; colon = text.indexOf(':', colon + 1)) {
    const label = labelBefore(text, colon);
    if (label === null) continue;
    const meaning = LABELS.get(label.word);
    const tail = meaning !== undefined && 'severity' in meaning ? SEVERITY_TAIL : SECTION_TAIL;
    tail.lastIndex = colon;
    if (tail.test(text))
      return { text, prefix: text.slice(0, label.from), label: label.word, message: text.slice(tail.lastIndex) };
  }
  return null;
}

function labelBefore(text: string, colon: number): { readonly word: string; readonly from: number } | null {
  const before = text.charAt(colon - 1);
  // Most colons stand in times and in words; a digit ends only the DEBUG levels.
  if (before === '' || (before >= 'a' && before <= 'z')) return null;
  if (before >= '0' && before <= '9' && text.charAt(colon - 2) !== 'G') return null;
  const head = text.slice(Math.max(0, colon - MAX_LABEL_CHARS), colon).replace(/ $/, '');
  for (const pattern of [WORD, TWO_WORDS]) {
    const word = pattern.exec(head)?.[0];
    const from = colon - (before === ' ' ? 1 : 0) - (word?.length ?? 0);
    if (word !== undefined && LABELS.has(word) && !/[a-z]/.test(text.charAt(from - 1))) return { word, from };
  }
  // A prefix that ends in a time without a blank behind it: `05:43:40 UTCLOG:`.
  const glued = GLUED.exec(head)?.[1];
  return glued === undefined ? null : { word: glued, from: colon - glued.length };
}
