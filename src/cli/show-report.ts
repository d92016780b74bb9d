import type { DenokvIdentity, Dropped, Incident, SourceStatus, Verdict } from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';
import { escapeOnOneLine } from './escape.ts';
import {
  formatClock,
  formatCount,
  formatDay,
  formatMinute,
  formatOffset,
  formatShare,
  formatSpan,
  formatTime,
} from './format.ts';
import type { CauseGroup, CauseSums } from './report-causes.ts';
import { listGaps } from './report-gaps.ts';
import { listDropped } from './report-retries.ts';
import type { Style } from './style.ts';
import { fitWidth, padWidth, wrapText } from './text-width.ts';
import { showParties, showPostgres, showRoot, showSymptom } from './verdict-lines.ts';
import { showCause, showEvidence, showRemedies, type Limits } from './verdict-sections.ts';
import { sumOf, type VerdictSums } from './verdict-sums.ts';

/** What an analysis found. */
export interface Report {
  readonly verdicts: readonly Verdict[];
  /** Of failures that were summed up as they came; without it, of the verdicts. */
  readonly sums?: VerdictSums;
  readonly incidents: readonly Incident[];
  /** Requests that got no answer: no failures, and shown apart. */
  readonly dropped?: readonly Dropped[];
  readonly sources: readonly SourceStatus[];
  /** What went wrong or was left out on the way, one sentence each. */
  readonly findings: readonly string[];
  /** What denokv runs on, as far as its log tells: on SQLite no Postgres log is missed. */
  readonly backend?: DenokvIdentity['backend'] | null;
}

export interface ReportOptions {
  readonly columns: number;
  readonly zone: string;
  readonly style: Style;
}

const MIN_WIDTH = 60;
/** Longer lines than this tire the eye; a wider terminal gets a margin. */
const MAX_WIDTH = 120;
const EXAMPLE: Limits = {
  request: 0,
  summary: 4,
  symptom: 3,
  entry: 3,
  root: 3,
  parties: 2,
  evidence: 3,
  item: 3,
  remedies: 4,
  remedyItem: 6,
  surer: 3,
  reasons: true,
};

/** The person's report of `whyd analyze`, as lines: the sum, each cause with one example and its remedies, incidents, and what was not covered. */
export function showReport(report: Report, { columns, zone, style }: ReportOptions): readonly string[] {
  const width = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, columns));
  const options = { columns: width, zone, style };
  const { causes, retries, gaps } = report.sums ?? sumOf(report.verdicts);
  const { groups } = causes;
  const sections: readonly (readonly string[])[] = [
    showSum(causes, report.sources, options),
    showCauseTable(groups, options),
    ...groups.map((group) => showGroup(group, options)),
    showList('Retries', retries.list(causes.count, zone), options),
    showIncidents(report.incidents, options),
    showList('Not answered (no 500, and not counted above)', listDropped(report.dropped ?? [], zone), options),
    showSources(report.sources, options),
    showList('Not covered', listGaps(gaps, report.sources, report.findings, report.backend), options),
  ].filter((section) => section.length > 0);
  return sections.flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}

function showSum(
  { count, range }: CauseSums,
  sources: readonly SourceStatus[],
  { zone, style }: ReportOptions,
): readonly string[] {
  if (count === 0) return [style('bold', describeNone(sources))];
  const head = style('bold', `${formatCount(count, 'failure')} (HTTP 500)`);
  if (range === null) return [head];
  const spanMs = Date.parse(range.last) - Date.parse(range.first);
  const first = `${formatTime(range.first, 'second', zone)} ${formatOffset(range.first, zone)}`;
  if (spanMs < 1_000) return [`${head} at ${first}`];
  return [`${head} within ${formatSpan(spanMs)}, from ${first}`];
}

function describeNone(sources: readonly SourceStatus[]): string {
  return sources.some(({ kind, detection }) => kind !== 'postgres' && detection !== null)
    ? 'No failures: no HTTP 500 was found in these logs.'
    : 'Nothing to explain: without a denokv log nobody knows which requests failed.';
}

function showCauseTable(groups: readonly CauseGroup[], { columns, zone, style }: ReportOptions): readonly string[] {
  if (groups.length === 0) return [];
  const nameWidth = Math.max(...groups.map((group) => group.cause.length), 5);
  const moments = groups.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).filter((at) => at !== null);
  const isOneDay = new Set(moments.map((at) => formatDay(at, zone))).size < 2;
  const [format, timeWidth] = isOneDay ? [formatClock, '14:03:12'.length] : [formatMinute, '11-23 14:03'.length];
  const head = `${'count'.padStart(6)} ${'share'.padStart(5)}  ${padWidth('cause', nameWidth)}  ${'first'.padEnd(timeWidth)}  ${'last'.padEnd(timeWidth)}  how sure`;
  const rows = groups.map((group) => {
    const counts = `${String(group.count).padStart(6)} ${formatShare(group.share).padStart(5)}`;
    const times = [group.firstAt, group.lastAt].map((at) => format(at, zone).padEnd(timeWidth)).join('  ');
    const sure = [...group.certainties]
      .map(([certainty, count]) => (certainty === 'unknown' ? '-' : `${String(count)} ${certainty}`))
      .join(', ');
    return fitWidth(`${counts}  ${padWidth(escapeOnOneLine(group.cause), nameWidth)}  ${times}  ${sure}`, columns);
  });
  return [style('dim', fitWidth(head, columns)), ...rows];
}

function showGroup(group: CauseGroup, { columns, zone, style }: ReportOptions): readonly string[] {
  const { example } = group;
  const options = { width: columns, zone, style, limits: EXAMPLE };
  const title = `${group.cause}: ${formatCount(group.count, 'failure')}`;
  const which = `${group.count === 1 ? '' : 'for example '}${formatTime(example.at, example.atPrecision, zone)} ${example.operation ?? ''}`;
  return [
    style('bold', escapeOnOneLine(title)) + style('dim', `  ${which.trim()}`),
    ...[showCause, showSymptom, showPostgres, showParties, showRoot, showEvidence, showRemedies].flatMap((show) =>
      show(example, options),
    ),
  ];
}

function showIncidents(incidents: readonly Incident[], options: ReportOptions): readonly string[] {
  const lines = incidents.map(({ startUs, endUs, cause, summary, opening, failures, share }) => {
    const start = formatTime(formatUtc(startUs), 'second', options.zone);
    const end = endUs === null ? 'still open' : formatClock(formatUtc(endUs), options.zone);
    const weight = `${formatCount(failures, 'failure')}, ${String(Math.round(share * 100))}% of those in its time`;
    return `${start} to ${end}  ${cause}: ${summary}; ${weight} (${opening.file}:${String(opening.line)})`;
  });
  return showList('Incidents', lines, options);
}

function showSources(sources: readonly SourceStatus[], options: ReportOptions): readonly string[] {
  const lines = sources.map(({ kind, path, detection, counts }) => {
    const size = `${formatCount(counts.lines, 'line')}, ${formatCount(counts.events, 'event')}`;
    if (detection === null) return `${path}: not recognised: ${size}`;
    const prefix = detection.linePrefix === null ? '' : `, prefix "${detection.linePrefix}"`;
    return `${path}: ${kind} (${detection.format}, ${formatShare(detection.confidence)} sure${prefix}): ${size}`;
  });
  return showList('Read', lines, options);
}

function showList(title: string, items: readonly string[], { columns, style }: ReportOptions): readonly string[] {
  if (items.length === 0) return [];
  const lines = items.flatMap((item) =>
    wrapText(escapeOnOneLine(item), columns - 4).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`)),
  );
  return [style('bold', title), ...lines];
}
