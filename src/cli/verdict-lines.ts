import type { DeadlockParty, Verdict, VerdictAlternative, VerdictEntry } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatShare, formatTime } from './format.ts';
import { INDENT, indented, label, labelledItems } from './labelled.ts';
import { shortenPlace } from './shorten-path.ts';
import { fitWidth, textWidth } from './text-width.ts';
import type { Section, SectionOptions } from './verdict-sections.ts';

/** Beside another entry's place there is room for a second only if each is short. */
const MIN_PLACE = 24;

export function showSymptom({ symptom }: Pick<Verdict, 'symptom'>, options: SectionOptions): Section {
  return showEntry(symptom.source, symptom, symptom.text, '', options.limits.symptom, options);
}

/** The Postgres entry and, where the line is a guess, the other lines that it may be. */
export function showPostgres(verdict: Verdict, options: SectionOptions): Section {
  const { postgres, alternatives } = verdict;
  const { width, style, zone, limits } = options;
  if (postgres === null) return [label('postgres', style) + fitWidth(absentEntry(verdict), width - INDENT)];
  const entry = showEntry('postgres', postgres, postgres.text, aboutEntry(postgres, zone), limits.entry, options);
  if (alternatives.length === 0) return entry;
  if (limits.evidence > 3)
    return [...entry, ...alternatives.flatMap((one) => indented(whyNot(one), width, limits.item))];
  return [...entry, ' '.repeat(INDENT) + showOthers(alternatives, width - INDENT)];
}

export function showRoot({ root }: Pick<Verdict, 'root'>, options: SectionOptions): Section {
  if (root === null) return [];
  return showEntry('root', root, root.text, root.cause, options.limits.root, options);
}

/** A deadlock's cycle, one party after the other. */
export function showParties({ deadlock, postgres }: Verdict, options: SectionOptions): Section {
  const lines = options.limits.parties;
  if (lines === 0) return [];
  return labelledItems(
    'cycle',
    (deadlock?.parties ?? []).map((one) => describeParty(one, postgres)),
    lines,
    options,
  );
}

function describeParty({ pid, heldBy, statement, application }: DeadlockParty, victim: VerdictEntry | null): string {
  const who = [application, pid === victim?.pid ? 'ended by Postgres' : null].filter((part) => part !== null);
  const ran = statement === null || statement.trim() === '' ? '' : `: ${statement}`;
  return `${String(pid)}${who.length === 0 ? '' : ` (${who.join(', ')})`} waits for ${String(heldBy)}${ran}`;
}

function whyNot({ file, line, confidence, why }: VerdictAlternative): string {
  return `or ${file}:${String(line)} (${formatShare(confidence)})${why === undefined ? '' : `: ${why}`}`;
}

/** The likeliest of the others, and how many more there are. */
function showOthers(alternatives: readonly VerdictAlternative[], width: number): string {
  const sorted = [...alternatives].sort((one, other) => other.confidence - one.confidence);
  let shown = '';
  for (const [index, { file, line, confidence }] of sorted.entries()) {
    const left = sorted.length - index - 1;
    const rest = left === 0 ? '' : `, or ${String(left)} more`;
    const before = index === 0 ? 'or ' : `${shown}, `;
    const share = ` (${formatShare(confidence)})`;
    const room = width - textWidth(before + share + rest);
    if (index > 0 && room < MIN_PLACE) return `${shown}, or ${String(left + 1)} more`;
    shown = before + shortenPlace(escapeOnOneLine(file), line, room) + share;
  }
  return fitWidth(shown, width);
}

function aboutEntry(entry: VerdictEntry, zone: string): string {
  const clock = formatTime(entry.at, 'millisecond', zone).slice('2026-11-23 '.length);
  const parts = [
    entry.pid === null ? null : `pid ${String(entry.pid)}`,
    // An entry carries no precision; a log that writes whole seconds would seem to know the thousandths.
    entry.at === null ? null : clock.replace(/\.000$/, ''),
    `(${formatShare(entry.confidence)})`,
  ];
  return parts.filter((part) => part !== null).join(' ');
}

function absentEntry({ coverage }: Verdict): string {
  return coverage.postgres === 'complete' ? 'no entry of its log belongs to this request' : 'no entry found';
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function showEntry(
  name: string,
  { file, line }: Place,
  text: string,
  about: string,
  maxLines: number,
  { width, style }: SectionOptions,
): Section {
  const shownAbout = fitWidth(escapeOnOneLine(about), width - INDENT - MIN_PLACE);
  const room = width - INDENT - (shownAbout === '' ? 0 : textWidth(shownAbout) + 2);
  const place = fitWidth(shortenPlace(escapeOnOneLine(file), line, room), room);
  const head = style('cyan', place) + (shownAbout === '' ? '' : `  ${shownAbout}`);
  return [label(name, style) + head, ...indented(text, width, maxLines)];
}
