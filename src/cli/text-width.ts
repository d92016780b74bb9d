/** Ranges that terminals draw two columns wide (East Asian Wide and Fullwidth, emoji), from UAX #11; coarse at the edges. */
const WIDE_RANGES: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f000, 0x1faff],
  [0x20000, 0x3fffd],
];

/** Columns that a text takes on a terminal. Expects text without controls. */
export function textWidth(text: string): number {
  let columns = 0;
  for (const char of text) columns += charWidth(char);
  return columns;
}

/** The text cut to so many columns, with an ellipsis where something was cut off. */
export function fitWidth(text: string, columns: number): string {
  if (columns === Infinity || textWidth(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    const width = charWidth(char);
    if (used + width > columns - 1) break;
    kept += char;
    used += width;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** The text padded with blanks to so many columns; longer text stays whole. */
export function padWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - textWidth(text)));
}

/** The text broken at blanks into lines of at most so many columns; a word that is longer than a line is cut into pieces. */
export function wrapText(text: string, columns: number): readonly string[] {
  const width = Math.max(8, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((whole) => cutWord(whole, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** `wrapText` that stops after so many lines; the last one then ends in an ellipsis. */
export function wrapLimited(text: string, columns: number, maxLines: number): readonly string[] {
  const lines = wrapText(text, columns);
  if (lines.length <= maxLines) return lines;
  const rest = lines.slice(maxLines - 1).join(' ');
  return [...lines.slice(0, maxLines - 1), fitWidth(rest, Math.max(8, columns))];
}

function cutWord(word: string, columns: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const char of word) {
    const width = charWidth(char);
    if (used + width > columns) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += char;
    used += width;
  }
  return piece === '' ? pieces : [...pieces, piece];
}

function charWidth(char: string): number {
  const codePoint = char.codePointAt(0) ?? 0;
  if (codePoint < 0x300) return 1;
  if (/\p{M}/u.test(char)) return 0;
  return WIDE_RANGES.some(([first, last]) => codePoint >= first && codePoint <= last) ? 2 : 1;
}
