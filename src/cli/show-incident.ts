import type { IncidentRecord } from '../domain.ts';
import type { IncidentRun } from '../incident-runs.ts';
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

/** Incidents that overlap: what they are together, then the one that stands for them. */
export function showIncidentRun({ shown, others }: IncidentRun, options: IncidentOptions): readonly string[] {
  if (others.length === 0) return showIncident(shown, options);
  const { zone, style } = options;
  const all = [shown, ...others];
  const startAt = all.map((one) => one.startAt).reduce((one, other) => (one < other ? one : other));
  const endAt = all.map((one) => one.endAt ?? one.startAt).reduce((one, other) => (one > other ? one : other));
  const span = endOf(endAt, Date.parse(endAt) - Date.parse(startAt), zone);
  const failures = all.reduce((sum, one) => sum + one.failures, 0);
  const says = `${String(all.length)} overlap: ${formatCount(failures, 'failure')} (--each lists them); most in this one:`;
  const head = `${formatTime(startAt, 'second', zone)}${span}  ${escapeOnOneLine(shown.cause)}`;
  const [, ...reason] = showIncident(shown, options);
  return [
    style('bold', fitWidth(head, widthOf(options))),
    INDENT + fitWidth(says, widthOf(options) - INDENT.length),
    ...reason,
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
