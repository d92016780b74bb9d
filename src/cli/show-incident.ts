import type { IncidentRecord } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatClock, formatCount, formatShare, formatSpan, formatTime } from './format.ts';
import type { LineOptions } from './show-line.ts';
import { shortenPlace } from './shorten-path.ts';
import { fitWidth, wrapText } from './text-width.ts';

const INDENT = '  ';
const WIDTH_WITHOUT_TERMINAL = 100;

type IncidentOptions = Pick<LineOptions, 'columns' | 'zone' | 'style'>;

/** One incident: when and what, the reason wrapped, what it explains, and where it stands in the log. */
export function showIncident(incident: IncidentRecord, options: IncidentOptions): readonly string[] {
  const { id, file, line, failures, share } = incident;
  const width = widthOf(options);
  // A log of whole seconds puts failures just before an incident of milliseconds: none of them is in its time, and that says nothing.
  const ofAll = share === 0 ? '' : `, ${formatShare(share)} of those in its time`;
  const weight = formatCount(failures, 'failure') + ofAll;
  return [
    ...showIncidentReason(incident, options),
    INDENT + weight + '; ' + shortenPlace(escapeOnOneLine(file), line, width - INDENT.length - weight.length - 2),
    INDENT + options.style('dim', fitWidth(`whyd failures --incident ${escapeOnOneLine(id)}`, width - INDENT.length)),
  ];
}

/** When and what, and the whole reason. */
export function showIncidentReason(incident: IncidentRecord, options: IncidentOptions): readonly string[] {
  const { cause, startAt, endAt, summary } = incident;
  const { zone, style } = options;
  const width = widthOf(options);
  const spanMs = endAt === null ? null : Date.parse(endAt) - Date.parse(startAt);
  const end = spanMs === null ? ', still open' : endOf(endAt, spanMs, zone);
  const head = fitWidth(`${formatTime(startAt, 'second', zone)}${end}  ${escapeOnOneLine(cause)}`, width);
  return [
    style(endAt === null ? 'red' : 'bold', head),
    ...wrapText(escapeOnOneLine(summary), width - INDENT.length).map((text) => INDENT + text),
  ];
}

function widthOf({ columns }: IncidentOptions): number {
  return Number.isFinite(columns) ? columns : WIDTH_WITHOUT_TERMINAL;
}

/** An incident of less than a second has one time. */
function endOf(endAt: string | null, spanMs: number, zone: string): string {
  return spanMs < 1_000 ? '' : ` to ${formatClock(endAt, zone)} (${formatSpan(spanMs)})`;
}
