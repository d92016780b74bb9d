import type { Certainty, Operation, Verdict } from '../domain.ts';
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
  /** How often the request was sent, where that is known. */
  readonly tries?: number;
}

export const CERTAINTY_STYLE: Readonly<Record<Certainty, StyleName>> = {
  certain: 'green',
  likely: 'green',
  possible: 'yellow',
  unknown: 'red',
};

interface Cell {
  readonly text: string;
  readonly style?: StyleName;
}

/** With the id on it, a narrower line has no room for the year, the whole word of the operation, and the reason. */
const ROOMY_COLUMNS = 110;
const CAUSE_COLUMNS = 18;
/** Of 80 columns the id, the time, the operation and how sure it is leave so many. */
const WIDE_CAUSE_COLUMNS = 25;
const SHORT_OPERATION: Readonly<Record<Operation, string>> = { atomic_write: 'write', snapshot_read: 'read' };

/** One failure on one line: local time, operation, cause, certainty, and the reason in one sentence. */
export function showLine(verdict: Verdict, options: LineOptions): string {
  const { columns, style, withId = false } = options;
  const cells = withId && columns < ROOMY_COLUMNS ? shortCells(verdict, options) : wholeCells(verdict, options);
  const id: Cell = { text: escapeOnOneLine(verdict.id), style: 'dim' };
  let left = columns;
  const shown: string[] = [];
  for (const cell of withId ? [id, ...cells] : cells) {
    if (left < 1) break;
    const text = fitWidth(cell.text, left);
    shown.push(cell.style === undefined ? text : style(cell.style, text));
    left -= textWidth(text) + 1;
  }
  return shown.join(' ').trimEnd();
}

function wholeCells(verdict: Verdict, { zone, tries, withId = false }: LineOptions): readonly Cell[] {
  const { at, operation, cause } = verdict;
  return [
    { text: formatTime(at, 'second', zone) },
    { text: padWidth(operation ?? '-', 13) },
    { text: causeOf(verdict, tries, withId ? WIDE_CAUSE_COLUMNS : CAUSE_COLUMNS), style: 'bold' },
    { text: padWidth(sureOf(verdict), 8), style: CERTAINTY_STYLE[cause.certainty] },
    { text: escapeOnOneLine(cause.summary) },
  ];
}

function shortCells(verdict: Verdict, { zone, tries }: LineOptions): readonly Cell[] {
  const { at, operation, cause } = verdict;
  return [
    { text: formatTime(at, 'second', zone).slice('2026-'.length) },
    { text: padWidth(operation === null ? '-' : SHORT_OPERATION[operation], 5) },
    { text: causeOf(verdict, tries, WIDE_CAUSE_COLUMNS), style: 'bold' },
    { text: sureOf(verdict), style: CERTAINTY_STYLE[cause.certainty] },
  ];
}

/** Of an unknown cause the word stands there already. */
function sureOf({ cause: { certainty } }: Verdict): string {
  return certainty === 'unknown' ? '-' : certainty;
}

/** Where the count of tries would push the columns behind it, the cause is cut for it. */
function causeOf({ cause }: Verdict, tries = 1, columns: number): string {
  const id = escapeOnOneLine(cause.id);
  if (tries <= 1) return padWidth(id, columns);
  const count = ` x${String(tries)}`;
  return padWidth(fitWidth(id, columns - count.length) + count, columns);
}
