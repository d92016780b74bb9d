import type { IndexReader, TimePrecision, Verdict } from '../domain.ts';
import type { Moment } from '../time/parse-time.ts';
import { parseRfc3339 } from '../time/rfc3339.ts';
import { groupByIssue, type Finding } from './finding.ts';

const SECOND_US = 1_000_000;
/** How far from the asked time a failure may lie and still be an answer. */
const NEAR_US = 60 * SECOND_US;
/** More failures than this within one second are not told apart by a fraction of it. */
const LIMIT = 500;
/** So many neighbours are looked at: the nearest are what was meant. */
const NEAR_LIMIT = 20;

const PRECISION_US: Readonly<Record<TimePrecision, number>> = { second: SECOND_US, millisecond: 1_000, microsecond: 1 };

/**
 * The failures within the asked stretch of time (distance 0); where there is none, those within a minute of it, nearest first.
 * A time that was logged in whole seconds means that whole second, so it lies within any fraction of it.
 */
export function findByTime(reader: IndexReader, moment: Moment, limit: number): Finding {
  const within =
    moment.endUs - moment.startUs < SECOND_US ? withinFraction(reader, moment) : withinStretch(reader, moment, limit);
  return within.total > 0 ? within : nearby(reader, moment);
}

function withinStretch(reader: IndexReader, moment: Moment, limit: number): Finding {
  const grouped = reader.groupFailures({ sinceUs: moment.startUs, untilUs: moment.endUs }, limit);
  const found = grouped.groups.map(({ newest, count }) => ({ verdict: newest, distanceMs: 0, same: count - 1 }));
  return { how: 'time', total: grouped.total, found };
}

function withinFraction(reader: IndexReader, moment: Moment): Finding {
  const sinceUs = Math.floor(moment.startUs / SECOND_US) * SECOND_US;
  const { items } = reader.failures({ sinceUs, untilUs: moment.endUs }, { limit: LIMIT, cursor: null });
  const fitting = items.filter((verdict) => distanceUs(verdict, moment) === 0);
  const found = groupByIssue(fitting.map((verdict) => ({ verdict, distanceMs: 0 })));
  return { how: 'time', total: fitting.length, found };
}

function nearby(reader: IndexReader, moment: Moment): Finding {
  const middleUs = Math.floor((moment.startUs + moment.endUs) / 2);
  const near = reader
    .failuresNear(middleUs, NEAR_LIMIT)
    .map((verdict) => ({ verdict, distanceMs: Math.round(distanceUs(verdict, moment) / 1_000) }))
    .filter((one) => one.distanceMs <= NEAR_US / 1_000)
    .sort((one, other) => one.distanceMs - other.distanceMs);
  return { how: 'time', total: near.length, found: groupByIssue(near) };
}

/** The gap between two stretches of time; 0 where they touch or overlap, infinite for a failure without a time. */
function distanceUs(verdict: Verdict, moment: Moment): number {
  const startUs = verdict.at === null ? undefined : parseRfc3339(verdict.at)?.us;
  if (startUs === undefined) return Infinity;
  const endUs = startUs + PRECISION_US[verdict.atPrecision ?? 'second'];
  return Math.max(0, startUs - moment.endUs, moment.startUs - endUs + 1);
}
