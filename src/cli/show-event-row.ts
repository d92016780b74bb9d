import type { EventRow, Severity } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatTime } from './format.ts';
import type { LineOptions } from './show-line.ts';
import type { StyleName } from './style.ts';
import { shortenPlace } from './shorten-path.ts';
import { fitWidth, textWidth } from './text-width.ts';

const SEVERITY_STYLE: Readonly<Partial<Record<Severity, StyleName>>> = {
  ERROR: 'red',
  FATAL: 'red',
  PANIC: 'red',
  WARNING: 'yellow',
};

/** On a narrower line a log's name must not leave the message without room. */
const ROOMY_COLUMNS = 110;
const MOST_OF_PLACE = 20;

/** One event of the index on one line: local time, place, severity, pid, SQLSTATE, what it says. */
export function showEventRow(
  row: EventRow,
  { columns, zone, style }: Pick<LineOptions, 'columns' | 'zone' | 'style'>,
): string {
  const { at, atPrecision, file, line, severity, pid, sqlstate, message, detail, format } = row;
  const isNarrow = columns < ROOMY_COLUMNS;
  const head = [
    formatTime(at, atPrecision, zone).slice(isNarrow ? '2026-'.length : 0),
    isNarrow ? shortenPlace(escapeOnOneLine(file), line, MOST_OF_PLACE) : `${file}:${String(line)}`,
    severity ?? row.kind,
    pid === null ? null : `[${String(pid)}]`,
    sqlstate,
  ];
  const shown = fitWidth(escapeOnOneLine(head.filter((part) => part !== null).join(' ')), columns);
  // denokv's own text holds the detail already.
  const text = [message, detail === null || format === 'denokv' ? null : `DETAIL: ${detail}`];
  const left = columns - textWidth(shown) - 1;
  const says = left < 1 ? '' : fitWidth(escapeOnOneLine(text.filter((part) => part !== null).join(' ')), left);
  const colour = severity === null ? undefined : SEVERITY_STYLE[severity];
  return `${shown} ${colour === undefined ? says : style(colour, says)}`.trimEnd();
}
