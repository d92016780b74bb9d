/**
 * Whatever has no glyph of its own: controls (C0, DEL, C1), format characters (bidi overrides, zero-width), lone surrogates, private use,
 * unassigned, and the line and paragraph separators. A list of printables would age with Unicode; this one follows the engine's tables.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Runs of white space that are not already the one blank that they become. */
const FOLDED = /[^\S ]\s*| \s+/g;
/** Nearly all log text is plain, or plain but for its line ends: to see that is cheaper than to look for what has no glyph or is to be folded. */
const NOT_PLAIN = /[^\x20-\x7e]/;
const NOT_PLAIN_LINES = /[^\x20-\x7e\t\n]/;
const PLAIN_BLANKS = /[\t\n][\t\n ]*| [\t\n ]+/g;

const SHORT_NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };

/** Log text as it may go to a terminal: every character that could move the cursor, recolour or reorder is shown as `\n`, `\e`, `\x9b`, `\u{202e}`. */
export function escapeText(text: string): string {
  return text.replace(INVISIBLE, (char) => SHORT_NAMES[char] ?? codePointEscape(char));
}

/** Log text on one line: runs of white space, line ends among them, become one blank before escaping. */
export function escapeOnOneLine(text: string): string {
  if (!NOT_PLAIN.test(text)) return (text.includes('  ') ? text.replace(PLAIN_BLANKS, ' ') : text).trim();
  if (!NOT_PLAIN_LINES.test(text)) return text.replace(PLAIN_BLANKS, ' ').trim();
  const folded = text.replace(FOLDED, ' ').trim();
  return NOT_PLAIN.test(folded) ? escapeText(folded) : folded;
}

/** One value as a line of JSON that is inert on a terminal too: JSON itself lets C1, bidi and separators stand. */
export function toJsonLine(value: unknown): string {
  const json = JSON.stringify(value);
  if (!NOT_PLAIN.test(json)) return json;
  return json.replace(INVISIBLE, (char) =>
    Array.from({ length: char.length }, (_, index) => unitEscape(char.charCodeAt(index))).join(''),
  );
}

function codePointEscape(char: string): string {
  const codePoint = char.codePointAt(0) ?? 0;
  const hex = codePoint.toString(16);
  return codePoint < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

function unitEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
