import { escapeOnOneLine } from './escape.ts';
import type { Style } from './style.ts';
import { wrapLimited } from './text-width.ts';

/** Column at which values begin; labels stand before it. */
export const INDENT = 10;

export function label(name: string, style: Style): string {
  return style('dim', name.padEnd(INDENT));
}

/** Log text below a label, wrapped. */
export function indented(text: string, width: number, maxLines: number): readonly string[] {
  return wrapLimited(escapeOnOneLine(text), width - INDENT, maxLines).map((line) => ' '.repeat(INDENT) + line);
}

/** Texts one after the other, the first of them beside the label. */
export function labelledItems(
  name: string,
  items: readonly string[],
  linesEach: number,
  { width, style }: { readonly width: number; readonly style: Style },
): readonly string[] {
  const lines = items.flatMap((item) => indented(item, width, linesEach));
  return lines.map((line, index) => (index === 0 ? label(name, style) + line.slice(INDENT) : line));
}
