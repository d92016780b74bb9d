import type { IncidentRecord } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatClock, formatCount, formatShare, formatSpan, formatTime } from './format.ts';
import type { LineOptions } from './show-line.ts';
import { fitWidth, wrapText } from './text-width.ts';

const INDENT = '  ';
const WIDTH_WITHOUT_TERMINAL = 100;

/** One incident: when and what, the reason wrapped, what it explains, and where it stands in the log. */
export function showIncident(
  incident: IncidentRecord,
  { columns, zone, style }: Pick<LineOptions, 'columns' | 'zone' | 'style'>,
): readonly string[] {
  const { id, cause, startAt, endAt, summary, file, line, failures, share } = incident;
  const width = Number.isFinite(columns) ? columns : WIDTH_WITHOUT_TERMINAL;
  const spanMs = endAt === null ? null : Date.parse(endAt) - Date.parse(startAt);
  const end = endAt === null ? 'still open' : `to ${formatClock(endAt, zone)} (${formatSpan(spanMs ?? 0)})`;
  const head = fitWidth(`${formatTime(startAt, 'second', zone)} ${end}  ${escapeOnOneLine(cause)}`, width);
  const weight = `${formatCount(failures, 'failure')}, ${formatShare(share)} of those in its time`;
  return [
    style(endAt === null ? 'red' : 'bold', head),
    ...wrapText(escapeOnOneLine(summary), width - INDENT.length).map((text) => INDENT + text),
    INDENT + fitWidth(`${weight}; ${escapeOnOneLine(`${file}:${String(line)}`)}`, width - INDENT.length),
    INDENT + style('dim', escapeOnOneLine(id)),
  ];
}
