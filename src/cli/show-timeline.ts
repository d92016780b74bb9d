import type { Timeline, TimelineEntry, TimelineRole } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { boundFolds, foldTimeline, type FoldedEntry } from './fold-timeline.ts';
import { formatClock, formatCount, formatTime } from './format.ts';
import type { Style, StyleName } from './style.ts';
import { fitWidth, wrapLimited } from './text-width.ts';

interface TimelineOptions {
  readonly width: number;
  readonly zone: string;
  readonly style: Style;
}

const TEXT_LINES = 3;
/** Some three screens: who wants more asks for the events themselves. */
const MOST_SHOWN = 30;

/** What stands before an entry that is more to the failure than its neighbour in time. */
const MARKS: Readonly<Record<TimelineRole, { readonly mark: string; readonly style: StyleName }>> = {
  symptom: { mark: '>>', style: 'red' },
  entry: { mark: '=>', style: 'red' },
  root: { mark: '->', style: 'yellow' },
  session: { mark: ' |', style: 'cyan' },
  alternative: { mark: ' ?', style: 'yellow' },
};
const LEGEND = '>> failure  => its entry  -> root  | same session  ? perhaps its entry';

/** Both logs around a failure in one sequence: a head line with time, log and place, and below it what the entry says. */
export function showTimeline(
  { from, to, omitted, entries }: Timeline,
  { width, zone, style }: TimelineOptions,
): readonly string[] {
  const title = `Timeline ${formatClock(from, zone)} to ${formatClock(to, zone)}`;
  if (entries.length === 0) return [style('bold', title), '   the index holds nothing of that time'];
  const { shown, leftOut } = boundFolds(foldTimeline(entries), MOST_SHOWN);
  const left = omitted + leftOut;
  return [
    style('bold', title),
    style('dim', fitWidth(LEGEND, width)),
    ...shown.flatMap((fold) => [
      ...showEntry(fold.first, { width, zone, style }),
      ...showAlike(fold, { width, zone, style }),
    ]),
    ...(left === 0 ? [] : showLeft({ left, total: entries.length + omitted, from, to }, width)),
  ];
}

function showAlike({ alike, lastAt }: FoldedEntry, { width, zone, style }: TimelineOptions): readonly string[] {
  if (alike === 0) return [];
  const until = lastAt === null ? '' : `, the last at ${formatClock(lastAt, zone)}`;
  return [`     ${style('dim', fitWidth(`and ${String(alike)} alike${until}`, width - 5))}`];
}

/** How many are not shown, and how to see them: fewer at once, or each by itself. The command is cut as a shell takes it. */
function showLeft(
  { left, total, from, to }: { readonly left: number; readonly total: number } & Pick<Timeline, 'from' | 'to'>,
  width: number,
): readonly string[] {
  const head = `   ${formatCount(left, 'entry', 'entries')} more: ask for less time with --window, or for all:`;
  if (from === null || to === null) return [head];
  const [since, until] = [`   whyd events --since ${from}`, `--until ${to} --limit ${String(total)}`];
  const isWide = since.length + 1 + until.length <= width;
  return [head, ...(isWide ? [`${since} ${until}`] : [`${since} \\`, `     ${until}`])];
}

function showEntry(entry: TimelineEntry, { width, zone, style }: TimelineOptions): readonly string[] {
  const { at, atPrecision, source, file, line, severity, pid, sqlstate, text, role } = entry;
  const time = formatTime(at, atPrecision, zone).slice(11) || '-';
  const { mark, style: colour } = role === null ? { mark: '  ', style: 'dim' as const } : MARKS[role];
  const who = [source, `${file}:${String(line)}`, severity, pid === null ? null : `pid ${String(pid)}`, sqlstate];
  const head = `${time}  ${escapeOnOneLine(who.filter((part) => part !== null).join(' '))}`;
  const lines = role === null ? 1 : TEXT_LINES;
  return [
    style(colour, `${mark} ${fitWidth(head, width - 3)}`),
    ...wrapLimited(escapeOnOneLine(text), width - 5, lines).map((one) => `     ${one}`),
  ];
}
