import type { FailureMoment, IndexReader } from '../domain.ts';
import type { Moment } from '../time/parse-time.ts';
import { firstOfIssues, type Finding, type Found } from './finding.ts';

const SECOND_US = 1_000_000;
/** How far from the asked time a failure may lie and still be an answer. */
const NEAR_MS = 60_000;
/** More failures than this within one second are not told apart by a fraction of it. */
const LIMIT = 500;
/** So many neighbours are looked at: the nearest are what was meant. */
const NEAR_LIMIT = 20;

/**
 * The failures within the asked stretch of time (distance 0); where there is none, those within a minute of it, nearest first.
 * A time that was logged in whole seconds means that whole second, so it lies within any fraction of it.
 */
export function findByTime(reader: IndexReader, moment: Moment, limit: number): Finding {
  const within =
    moment.endUs - moment.startUs < SECOND_US
      ? withinFraction(reader, moment, limit)
      : withinStretch(reader, moment, limit);
  return within.total > 0 ? within : nearby(reader, moment, limit);
}

function withinStretch(reader: IndexReader, moment: Moment, limit: number): Finding {
  const grouped = reader.groupFailures({ sinceUs: moment.startUs, untilUs: moment.endUs }, limit);
  const found = grouped.groups.map(({ newest, count }) => ({ verdict: newest, distanceMs: 0, same: count - 1 }));
  return { how: 'time', total: grouped.total, found };
}

function withinFraction(reader: IndexReader, moment: Moment, limit: number): Finding {
  const sinceUs = Math.floor(moment.startUs / SECOND_US) * SECOND_US;
  const fitting = reader.momentsWithin(sinceUs, moment.endUs, LIMIT).filter((one) => distanceUs(one, moment) === 0);
  return { how: 'time', total: fitting.length, found: foundAt(reader, moment, fitting, limit) };
}

function nearby(reader: IndexReader, moment: Moment, limit: number): Finding {
  const middleUs = Math.floor((moment.startUs + moment.endUs) / 2);
  const near = reader
    .momentsNear(middleUs, NEAR_LIMIT)
    .filter((one) => distanceMs(one, moment) <= NEAR_MS)
    .sort((one, other) => distanceMs(one, moment) - distanceMs(other, moment));
  return { how: 'time', total: near.length, found: foundAt(reader, moment, near, limit) };
}

/** Only what is shown is read whole. */
function foundAt(
  reader: IndexReader,
  moment: Moment,
  failures: readonly FailureMoment[],
  limit: number,
): readonly Found[] {
  const shown = firstOfIssues(failures).slice(0, limit);
  const verdicts = new Map(reader.failuresByIds(shown.map(({ first }) => first.id)).map((one) => [one.id, one]));
  return shown.flatMap(({ first, same }) => {
    const verdict = verdicts.get(first.id);
    return verdict === undefined ? [] : [{ verdict, distanceMs: distanceMs(first, moment), same }];
  });
}

/** The gap between two stretches of time; 0 where they touch or overlap. */
function distanceUs({ startUs, endUs }: FailureMoment, moment: Moment): number {
  return Math.max(0, startUs - moment.endUs, moment.startUs - endUs + 1);
}

function distanceMs(failure: FailureMoment, moment: Moment): number {
  return Math.round(distanceUs(failure, moment) / 1000);
}
