import type { Certainty, Verdict } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatTime } from './format.ts';
import type { Style, StyleName } from './style.ts';
import { fitWidth, padWidth, textWidth } from './text-width.ts';

export interface LineOptions {
  /** Columns to cut the line to; Infinity: the whole of it. */
  readonly columns: number;
  readonly zone: string;
  readonly style: Style;
  /** Begin with the id, for lists from which one is picked. */
  readonly withId?: boolean;
}

export const CERTAINTY_STYLE: Readonly<Record<Certainty, StyleName>> = {
  certain: 'green',
  likely: 'green',
  possible: 'yellow',
  unknown: 'red',
};

/** One failure on one line: local time, operation, cause, certainty, and the reason in one sentence. */
export function showLine(verdict: Verdict, { columns, zone, style, withId = false }: LineOptions): string {
  const { cause } = verdict;
  const cells: readonly { readonly text: string; readonly style?: StyleName }[] = [
    ...(withId ? [{ text: escapeOnOneLine(verdict.id), style: 'dim' as const }] : []),
    { text: formatTime(verdict.at, 'second', zone) },
    { text: padWidth(verdict.operation ?? '-', 13) },
    { text: padWidth(escapeOnOneLine(cause.id), 18), style: 'bold' },
    { text: padWidth(cause.certainty, 8), style: CERTAINTY_STYLE[cause.certainty] },
    { text: escapeOnOneLine(cause.summary) },
  ];
  let left = columns;
  const shown: string[] = [];
  for (const cell of cells) {
    if (left < 1) break;
    const text = fitWidth(cell.text, left);
    shown.push(cell.style === undefined ? text : style(cell.style, text));
    left -= textWidth(text) + 1;
  }
  return shown.join(' ').trimEnd();
}
