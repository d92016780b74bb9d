import type { HourCount, Issue, IssueState } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatCount, formatTime } from './format.ts';
import type { LineOptions } from './show-line.ts';
import type { StyleName } from './style.ts';
import { fitWidth, padWidth, wrapText } from './text-width.ts';

type Options = Pick<LineOptions, 'columns' | 'zone' | 'style'>;

const WIDTH_WITHOUT_TERMINAL = 100;
const INDENT = 10;
const HOUR_MS = 3_600_000;
const SHOWN_HOURS = 24;
const BARS = ['.', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

const STATE_STYLE: Readonly<Record<IssueState, StyleName>> = { open: 'red', muted: 'yellow', resolved: 'green' };

/** One issue in a list, on two lines: count, state, cause and title; id, when and what it is about. */
export function showIssueLines(issue: Issue, { columns, zone, style }: Options): readonly string[] {
  const { id, state, count, title, lastAt, mutedUntil } = issue;
  const width = Number.isFinite(columns) ? columns : Infinity;
  const stateText = padWidth([state, ...issue.flags].join(' '), 8);
  const head = `${String(count).padStart(7)}  `;
  const titleWidth = width - head.length - stateText.length - 2;
  const until = mutedUntil === null ? '' : `  until ${formatTime(mutedUntil, 'second', zone)}`;
  const tail = `last ${formatTime(lastAt, 'second', zone)}${until}`;
  const shownTitle = style('bold', fitWidth(escapeOnOneLine(title), titleWidth));
  return [
    `${head}${style(STATE_STYLE[state], stateText)}  ${shownTitle}`,
    `${' '.repeat(head.length)}${style('dim', fitWidth(`${escapeOnOneLine(id)}  ${tail}`, width - head.length))}`,
  ];
}

/** One issue as a screen. */
export function showIssue(issue: Issue, { columns, zone, style }: Options): readonly string[] {
  const width = Number.isFinite(columns) ? Math.max(40, columns) : WIDTH_WITHOUT_TERMINAL;
  const { id, state, title, text, cause, sqlstate, operation, object, count, firstAt, lastAt } = issue;
  const time = (iso: string | null): string => formatTime(iso, 'second', zone);
  const rows: readonly (readonly [string, string | null])[] = [
    [
      'state',
      [state, ...issue.flags].join(', ') + (issue.mutedUntil === null ? '' : ` until ${time(issue.mutedUntil)}`),
    ],
    ['cause', sqlstate === null ? cause : `${cause} (${sqlstate})`],
    ['of', [operation, object].filter((part) => part !== null).join(' on ') || null],
    ['seen', `${formatCount(count, 'failure')}, from ${time(firstAt)} to ${time(lastAt)}`],
    ['resolved', issue.resolvedAt === null ? null : time(issue.resolvedAt)],
    ['incident', issue.incident],
    ['text', text],
    ['by hour', drawHours(issue.hourly)],
    ['newest', `whyd why ${issue.lastFailure}`],
  ];
  return [
    style('bold', fitWidth(escapeOnOneLine(title), width - id.length - 2)) + `  ${style('dim', escapeOnOneLine(id))}`,
    ...rows.flatMap(([name, value]) => (value === null ? [] : labelled(name, value, width, style))),
  ];
}

function labelled(name: string, value: string, width: number, style: Options['style']): readonly string[] {
  return wrapText(escapeOnOneLine(value), width - INDENT).map(
    (line, index) => style('dim', (index === 0 ? name : '').padEnd(INDENT)) + line,
  );
}

/** The last 24 hours that the issue knows, one bar each, the highest of them in figures. */
function drawHours(hourly: readonly HourCount[]): string | null {
  const last = hourly.at(-1);
  if (last === undefined) return null;
  const counts = new Map(hourly.map(({ at, count }) => [Date.parse(at), count]));
  const endMs = Date.parse(last.at);
  const hours = Array.from({ length: SHOWN_HOURS }, (_, index) => endMs - (SHOWN_HOURS - 1 - index) * HOUR_MS);
  const shown = hours.map((ms) => counts.get(ms) ?? 0);
  const most = Math.max(...shown);
  const bars = shown.map((count) => BARS[Math.ceil((count / most) * (BARS.length - 1))] ?? '.').join('');
  return `${bars} at most ${String(most)} an hour, ${String(last.count)} in the last`;
}
