import type { IndexReader, TimePrecision, Verdict } from '../domain.ts';
import type { Moment } from '../time/parse-time.ts';
import { parseRfc3339 } from '../time/rfc3339.ts';
import type { Finding } from './finding.ts';

const SECOND_US = 1_000_000;
/** How far from the asked time a failure may lie and still be an answer. */
const NEAR_US = 60 * SECOND_US;
/** More failures than this within one second are not told apart by a fraction of it. */
const WITHIN_SECOND_LIMIT = 1_000;

const PRECISION_US: Readonly<Record<TimePrecision, number>> = { second: SECOND_US, millisecond: 1_000, microsecond: 1 };

/**
 * The failures within the asked stretch of time (distance 0); where there is none, those within a minute of it, nearest first.
 * A time that was logged in whole seconds means that whole second, so it lies within any fraction of it.
 */
export function findByTime(reader: IndexReader, moment: Moment, limit: number): Finding {
  const within =
    moment.endUs - moment.startUs < SECOND_US ? withinFraction(reader, moment) : withinStretch(reader, moment, limit);
  return within.total > 0 ? within : nearby(reader, moment, limit);
}

function withinStretch(reader: IndexReader, moment: Moment, limit: number): Finding {
  const filter = { sinceUs: moment.startUs, untilUs: moment.endUs };
  const total = reader.countFailures(filter);
  const items = total === 0 ? [] : reader.failures(filter, { limit, cursor: null }).items;
  return { how: 'time', total, found: items.map((verdict) => ({ verdict, distanceMs: 0 })) };
}

function withinFraction(reader: IndexReader, moment: Moment): Finding {
  const sinceUs = Math.floor(moment.startUs / SECOND_US) * SECOND_US;
  const { items } = reader.failures({ sinceUs, untilUs: moment.endUs }, { limit: WITHIN_SECOND_LIMIT, cursor: null });
  const found = items
    .filter((verdict) => distanceUs(verdict, moment) === 0)
    .map((verdict) => ({ verdict, distanceMs: 0 }));
  return { how: 'time', total: found.length, found };
}

function nearby(reader: IndexReader, moment: Moment, limit: number): Finding {
  const total = reader.countFailures({ sinceUs: moment.startUs - NEAR_US, untilUs: moment.endUs + NEAR_US });
  if (total === 0) return { how: 'time', total: 0, found: [] };
  const middleUs = Math.floor((moment.startUs + moment.endUs) / 2);
  const found = reader
    .failuresNear(middleUs, limit)
    .map((verdict) => ({ verdict, distanceMs: Math.round(distanceUs(verdict, moment) / 1_000) }))
    .filter((one) => one.distanceMs <= NEAR_US / 1_000)
    .sort((one, other) => one.distanceMs - other.distanceMs);
  return { how: 'time', total: Math.max(found.length, found.length === 0 ? 0 : total), found };
}

/** The gap between two stretches of time; 0 where they touch or overlap, infinite for a failure without a time. */
function distanceUs(verdict: Verdict, moment: Moment): number {
  const startUs = verdict.at === null ? undefined : parseRfc3339(verdict.at)?.us;
  if (startUs === undefined) return Infinity;
  const endUs = startUs + PRECISION_US[verdict.atPrecision ?? 'second'];
  return Math.max(0, startUs - moment.endUs, moment.startUs - endUs + 1);
}
