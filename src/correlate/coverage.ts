import type { Coverage } from '../domain.ts';
import type { Interval } from './timing/interval.ts';
import type { SourceCoverage, Window } from './window.ts';

/** A log whose first entry is later than the failure by more than this begins too late to hold its cause. */
const START_SLACK_US = 2_000_000;

/** Tells "no match" from "no data": whether the log was there, read far enough, and without holes around a moment. */
export function coverageAt(source: SourceCoverage | null, firstUs: number | null, at: Interval | null): Coverage {
  if (source === null) return 'absent';
  if (at === null) return 'complete';
  if (source.gaps.some(({ fromUs, toUs }) => fromUs < at.toUs && toUs > at.fromUs)) return 'gap';
  if (firstUs !== null && firstUs > at.toUs + START_SLACK_US) return 'gap';
  if (source.completeUntilUs !== null && source.completeUntilUs < at.toUs) return 'behind';
  return 'complete';
}

/** Time of the oldest Postgres entry in the window, on denokv's clock; null when none has one. */
export function firstEntryUs(window: Window, offsetUs: number): number | null {
  let first: number | null = null;
  for (const { at, format } of window.postgres)
    if (at !== null && format !== 'kernel' && (first === null || at.us < first)) first = at.us;
  return first === null ? null : first + offsetUs;
}
