import type { Coverage, IncidentRecord, Verdict } from '../domain.ts';
import { escapeOnOneLine } from './escape.ts';
import { formatCount, formatOffset, formatShare, formatSpan, formatTime } from './format.ts';
import { INDENT, indented, label, labelledItems } from './labelled.ts';
import { CERTAINTY_STYLE } from './show-line.ts';
import type { Style } from './style.ts';
import { fitWidth, textWidth, wrapLimited } from './text-width.ts';

/** How much of a verdict to print: lines of a text, or how many items. */
export interface Limits {
  /** Lines for a request's id that the head has no room for: cut, it could not be asked for. */
  readonly request: number;
  readonly summary: number;
  readonly symptom: number;
  readonly entry: number;
  readonly root: number;
  /** Lines for each party of a deadlock; 0: the cycle is drawn elsewhere. */
  readonly parties: number;
  readonly evidence: number;
  readonly remedies: number;
  /** Lines for one piece of evidence, or for one other entry. */
  readonly item: number;
  /** Lines for one remedy: all that the catalogue's longest takes, because half a command is worse than none. */
  readonly remedyItem: number;
  /** Lines for the setting that would have told more. */
  readonly surer: number;
  /** Say why a remedy helps, why the others lost, and all that was not available. */
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

export function showHead(verdict: Verdict, { width, zone, style }: SectionOptions): Section {
  const what = headOf(verdict, zone);
  const line = fitWidth(hasRoomForRequest(verdict, { width, zone }) ? what + requestOf(verdict) : what, width);
  const id = escapeOnOneLine(verdict.id);
  // The id goes last and yields first: the last line has it too.
  return [style('bold', line) + (textWidth(line) + 2 + textWidth(id) <= width ? `  ${style('dim', id)}` : '')];
}

/** The request's id, where the head has no room for the whole of it. */
export function showRequest(verdict: Verdict, options: SectionOptions): Section {
  const { requestId } = verdict;
  const lines = options.limits.request;
  if (lines === 0 || requestId === null || hasRoomForRequest(verdict, options)) return [];
  return labelledItems('request', [requestId], lines, options);
}

function headOf({ at, atPrecision, operation, status }: Verdict, zone: string): string {
  const offset = at === null ? '' : ` ${formatOffset(at, zone)}`;
  return `${formatTime(at, atPrecision, zone)}${offset}  ${operation ?? 'a request'} got HTTP ${String(status)}`;
}

function requestOf({ requestId }: Verdict): string {
  return requestId === null ? '' : `  request ${escapeOnOneLine(requestId)}`;
}

function hasRoomForRequest(verdict: Verdict, { width, zone }: Pick<SectionOptions, 'width' | 'zone'>): boolean {
  return textWidth(headOf(verdict, zone) + requestOf(verdict)) <= width;
}

export function showCause({ cause }: Verdict, { width, style, limits }: SectionOptions): Section {
  const name = escapeOnOneLine(cause.sqlstate === null ? cause.id : `${cause.id} (${cause.sqlstate})`);
  // Of a cause that is not known there is nothing to be sure of.
  if (cause.certainty === 'unknown') {
    const head = style(CERTAINTY_STYLE.unknown, fitWidth(name, width - INDENT));
    return [label('why', style) + head, ...indented(cause.summary, width, limits.summary)];
  }
  const sure = `${cause.certainty}, ${formatShare(cause.confidence)}`;
  const head = fitWidth(name, width - INDENT - sure.length - 2);
  const dressed = `${style('bold', head)}  ${style(CERTAINTY_STYLE[cause.certainty], sure)}`;
  return [label('why', style) + dressed, ...indented(cause.summary, width, limits.summary)];
}

/** The incident that the failure is a part of, and how much else is. */
export function showIncidentOf(incident: IncidentRecord | null, { width, style }: SectionOptions): Section {
  if (incident === null) return [];
  const { id, cause, failures, startAt, endAt } = incident;
  const spanMs = endAt === null ? null : Date.parse(endAt) - Date.parse(startAt);
  const span = spanMs === null ? 'so far' : spanMs < 1_000 ? 'at once' : `in ${formatSpan(spanMs)}`;
  const says = `${escapeOnOneLine(id)}  ${escapeOnOneLine(cause)}: ${formatCount(failures, 'failure')} ${span}`;
  return [label('incident', style) + fitWidth(says, width - INDENT)];
}

export function showEvidence({ evidence }: Pick<Verdict, 'evidence'>, options: SectionOptions): Section {
  const { evidence: limit, item, parties } = options.limits;
  const telling = [...evidence]
    // Drawn as parties already.
    .filter(({ rule }) => parties === 0 || rule !== 'deadlock_cycle')
    .sort((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
  const items = telling.map(
    (one) => `${one.weight < 0 ? '-' : '+'} ${one.says} (${one.rule} ${one.weight.toFixed(1)})`,
  );
  return labelledItems('because', items.slice(0, limit), item, options);
}

export function showRemedies({ remedies }: Pick<Verdict, 'remedies'>, options: SectionOptions): Section {
  const { remedies: limit, remedyItem, reasons } = options.limits;
  const items = remedies.map((one) => (reasons ? `${one.do} - ${one.why}` : one.do));
  return labelledItems('do', items.slice(0, limit), remedyItem, options);
}

/** What would have made the answer surer: the setting and, with all reasons, what it lacked. */
export function showSurer({ cause, wouldHelp, notAvailable = [] }: Verdict, options: SectionOptions): Section {
  const { reasons, surer } = options.limits;
  const items = [
    ...(wouldHelp === undefined ? [] : [reasons ? `${wouldHelp.do} - ${wouldHelp.why}` : wouldHelp.do]),
    ...(options.limits.evidence > 3 ? notAvailable : []),
  ];
  return labelledItems(cause.certainty === 'unknown' ? 'known if' : 'surer if', items, surer, options);
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
