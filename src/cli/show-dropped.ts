import type { Dropped } from '../domain.ts';
import { formatCount, formatOffset, formatShare, formatTime } from './format.ts';
import { indented, label, labelledItems } from './labelled.ts';
import { CERTAINTY_STYLE } from './show-line.ts';
import type { Style } from './style.ts';
import { fitWidth } from './text-width.ts';
import { showRoot, showSymptom } from './verdict-lines.ts';
import { showEvidence, showRemedies, type Limits, type Section } from './verdict-sections.ts';

/** All of it fits a screen: a request without an answer has no other log's entry, and no rivals. */
const LIMITS: Limits = {
  request: 0,
  summary: 4,
  symptom: 2,
  entry: 0,
  root: 3,
  parties: 0,
  evidence: 3,
  item: 2,
  remedies: 2,
  remedyItem: 3,
  surer: 0,
  reasons: false,
};

/** The newest attempt as lines, and how many came before it: what the client got, why, how sure, by which lines, what to do. */
export function showDropped(
  attempts: readonly Dropped[],
  { width, zone, style }: { readonly width: number; readonly zone: string; readonly style: Style },
): readonly string[] {
  const newest = attempts.at(-1);
  if (newest === undefined) return [];
  const options = { width, zone, style, limits: LIMITS };
  const { cause, requestId } = newest;
  const why = `${cause.id}  ${style(CERTAINTY_STYLE[cause.certainty], `${cause.certainty}, ${formatShare(cause.confidence)}`)}`;
  const earlier = attempts.length - 1;
  const sections: readonly Section[] = [
    [style('bold', fitWidth(headOf(newest, zone), width))],
    [label('why', style) + why, ...indented(cause.summary, width, LIMITS.summary)],
    labelledItems('request', requestId === null ? [] : [requestId], 1, options),
    showSymptom(newest, options),
    showRoot(newest, options),
    showEvidence(newest, options),
    showRemedies(newest, options),
    labelledItems('before', earlier === 0 ? [] : [`${formatCount(earlier, 'attempt')} went the same way`], 1, options),
  ];
  return sections.flat();
}

function headOf({ at, atPrecision, operation, status }: Dropped, zone: string): string {
  const offset = at === null ? '' : ` ${formatOffset(at, zone)}`;
  const said = status === null ? '' : ` (${String(status)})`;
  return `${formatTime(at, atPrecision, zone)}${offset}  ${operation ?? 'a request'} got no answer${said}`;
}
