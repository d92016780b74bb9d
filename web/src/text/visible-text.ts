/** A piece of log text: as it stands, or a character without a glyph, named. */
export interface TextPiece {
  readonly text: string;
  readonly isEscape: boolean;
}

/**
 * Whatever has no glyph of its own and is no plain line end or tab: controls, format characters (bidi overrides, zero-width), lone surrogates,
 * private use, unassigned, separators.
 */
const INVISIBLE = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu;

const SHORT_NAMES: Readonly<Record<string, string>> = { '\r': '\\r', '\x1b': '\\e' };

/** Splits log text so that what could reorder, recolour or hide its neighbours is shown by its name instead. */
export function visiblePieces(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const { 0: char, index } of text.matchAll(INVISIBLE)) {
    if (index > from) pieces.push({ text: text.slice(from, index), isEscape: false });
    pieces.push({ text: nameOf(char), isEscape: true });
    from = index + char.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isEscape: false });
  return pieces;
}

/** The same as one string, for titles, labels and what is copied. */
export function visibleText(text: string): string {
  return visiblePieces(text)
    .map((piece) => piece.text)
    .join('');
}

/** On one line: runs of white space become one blank. */
export function visibleLine(text: string): string {
  return visibleText(text.replace(/\s+/g, ' ').trim());
}

/** The first characters of a text, never half of a pair. */
export function head(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

function nameOf(char: string): string {
  const codePoint = char.codePointAt(0) ?? 0;
  const hex = codePoint.toString(16);
  return SHORT_NAMES[char] ?? (codePoint < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`);
}
