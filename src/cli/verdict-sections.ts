import type { Coverage, Verdict, VerdictEntry } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatOffset, formatShare, formatTime } from './format.ts';
import { CERTAINTY_STYLE } from './show-line.ts';
import type { Style } from './style.ts';
import { fitWidth, textWidth, wrapLimited } from './text-width.ts';

/** How much of a verdict to print, in lines a section. */
export interface Limits {
  readonly summary: number;
  readonly text: number;
  readonly evidence: number;
  readonly remedies: number;
  /** Lines for one piece of evidence. */
  readonly item: number;
  /** Lines for one remedy: all that the catalogue's longest takes, because half a command is worse than none. */
  readonly remedyItem: number;
  /** Say why a remedy helps. */
  readonly reasons: boolean;
}

export interface SectionOptions {
  readonly width: number;
  readonly zone: string;
  readonly style: Style;
  readonly limits: Limits;
}

/** A block of lines that belong together. */
export type Section = readonly string[];

/** Column at which values begin; labels stand before it. */
const INDENT = 10;
/** The longest setting of the catalogue takes three lines at 80 columns. */
const SURER_LINES = 3;

export function showHead(verdict: Verdict, { width, zone, style }: SectionOptions): Section {
  const time = formatTime(verdict.at, verdict.atPrecision, zone);
  const offset = verdict.at === null ? '' : ` ${formatOffset(verdict.at, zone)}`;
  const request = verdict.requestId === null ? '' : `  request ${escapeOnOneLine(verdict.requestId)}`;
  const what = `${time}${offset}  ${verdict.operation ?? 'a request'} got HTTP ${String(verdict.status)}${request}`;
  const line = fitWidth(what, width);
  const id = escapeOnOneLine(verdict.id);
  // The id goes last and yields first: it is long, and whoever asked by it knows it.
  return [style('bold', line) + (textWidth(line) + 2 + textWidth(id) <= width ? `  ${style('dim', id)}` : '')];
}

export function showCause(verdict: Verdict, options: SectionOptions): Section {
  const { cause } = verdict;
  const name = escapeOnOneLine(cause.sqlstate === null ? cause.id : `${cause.id} (${cause.sqlstate})`);
  const sure = `${cause.certainty}, ${formatShare(cause.confidence)}`;
  const head = fitWidth(name, options.width - INDENT - sure.length - 2);
  const dressed = `${options.style('bold', head)}  ${options.style(CERTAINTY_STYLE[cause.certainty], sure)}`;
  return [label('why', options.style) + dressed, ...indented(cause.summary, options, options.limits.summary)];
}

export function showSymptom({ symptom }: Verdict, options: SectionOptions): Section {
  return showEntry(symptom.source, `${symptom.file}:${String(symptom.line)}`, symptom.text, options);
}

/** What would have made the answer surer: the setting on a screen, with `reasons` all that lacked too. */
export function showSurer({ wouldHelp, notAvailable = [] }: Verdict, options: SectionOptions): Section {
  const { reasons, remedyItem } = options.limits;
  const items = [
    ...(wouldHelp === undefined ? [] : [reasons ? `${wouldHelp.do} - ${wouldHelp.why}` : wouldHelp.do]),
    ...(options.limits.evidence > 3 ? notAvailable : []),
  ];
  return showItems('surer if', items, Math.min(remedyItem, SURER_LINES), options);
}

/** The Postgres entry and, where the line is a guess, the other lines that it may be. */
export function showPostgres(verdict: Verdict, options: SectionOptions): Section {
  const { postgres, alternatives } = verdict;
  if (postgres === null)
    return [label('postgres', options.style) + fitWidth(absentEntry(verdict), options.width - INDENT)];
  const lines = [...showEntry('postgres', describeEntry(postgres, options.zone), postgres.text, options)];
  if (alternatives.length > 0 && options.limits.evidence > 3) {
    const each = alternatives.map(
      (one) =>
        `or ${one.file}:${String(one.line)} (${formatShare(one.confidence)})${one.why === undefined ? '' : `: ${one.why}`}`,
    );
    lines.push(...each.flatMap((one) => indented(one, options, 3)));
  } else if (alternatives.length > 0) {
    const others = alternatives.map((one) => `${one.file}:${String(one.line)} (${formatShare(one.confidence)})`);
    lines.push(' '.repeat(INDENT) + fitWidth(escapeOnOneLine(`or ${others.join(', ')}`), options.width - INDENT));
  }
  return lines;
}

export function showRoot({ root }: Verdict, options: SectionOptions): Section {
  if (root === null) return [];
  return showEntry('root', `${root.cause}  ${root.file}:${String(root.line)}`, root.text, options);
}

export function showEvidence({ evidence }: Verdict, options: SectionOptions): Section {
  const telling = [...evidence].sort((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
  const items = telling.map(
    (one) => `${one.weight < 0 ? '-' : '+'} ${one.says} (${one.rule} ${one.weight.toFixed(1)})`,
  );
  const { evidence: limit, item } = options.limits;
  return showItems('because', items.slice(0, limit), item, options);
}

export function showRemedies({ remedies }: Verdict, options: SectionOptions): Section {
  const { remedies: limit, remedyItem, reasons } = options.limits;
  const items = remedies.map((one) => (reasons ? `${one.do} - ${one.why}` : one.do));
  return showItems('do', items.slice(0, limit), remedyItem, options);
}

const CAVEATS: Readonly<Record<Coverage, string | null>> = {
  complete: null,
  gap: 'log has a gap around this time',
  behind: 'log has not been read this far yet',
  absent: 'log was not read',
};

/** What lacks to be sure that nothing better exists; empty when all was read. */
export function showCaveats({ coverage }: Verdict, options: SectionOptions): Section {
  const caveats = [
    caveat('denokv', CAVEATS[coverage.denokv]),
    caveat('Postgres', CAVEATS[coverage.postgres]),
    coverage.settled ? null : 'provisional: later lines may still change this',
  ].filter((one) => one !== null);
  if (caveats.length === 0) return [];
  const lines = wrapLimited(caveats.join('; '), options.width - INDENT, 2);
  return lines.map((line, index) => label(index === 0 ? 'note' : '', options.style) + options.style('yellow', line));
}

function caveat(log: string, says: string | null): string | null {
  return says === null ? null : `the ${log} ${says}`;
}

function describeEntry(entry: VerdictEntry, zone: string): string {
  const pid = entry.pid === null ? '' : `  pid ${String(entry.pid)}`;
  // An entry carries no precision; a log that writes whole seconds would seem to know the thousandths.
  const at =
    entry.at === null
      ? ''
      : `  ${formatTime(entry.at, 'millisecond', zone)
          .slice(11)
          .replace(/\.000$/, '')}`;
  return `${entry.file}:${String(entry.line)}${pid}${at}  this line: ${formatShare(entry.confidence)}`;
}

function absentEntry({ coverage }: Verdict): string {
  return coverage.postgres === 'complete' ? 'no entry of its log belongs to this request' : 'no entry found';
}

function showEntry(name: string, place: string, text: string, options: SectionOptions): Section {
  const head = fitWidth(escapeOnOneLine(place), options.width - INDENT);
  return [label(name, options.style) + options.style('cyan', head), ...indented(text, options, options.limits.text)];
}

function showItems(name: string, items: readonly string[], linesEach: number, options: SectionOptions): Section {
  const lines = items.flatMap((item) => indented(item, options, linesEach));
  return lines.map((line, index) => (index === 0 ? label(name, options.style) + line.slice(INDENT) : line));
}

function indented(text: string, { width }: SectionOptions, maxLines: number): readonly string[] {
  return wrapLimited(escapeOnOneLine(text), width - INDENT, maxLines).map((line) => ' '.repeat(INDENT) + line);
}

function label(name: string, style: Style): string {
  return style('dim', name.padEnd(INDENT));
}
