import type { PostgresErrorEvent } from '../../domain.ts';
import type { Candidate } from '../matching/candidates.ts';
import type { Classification } from '../causes/classify.ts';
import type { Interval } from '../timing/interval.ts';
import { countWhile } from '../timing/partition.ts';

/** A session of denokv that Postgres ended. */
export interface EndedSession {
  readonly entry: PostgresErrorEvent;
  readonly classification: Classification;
  /** On denokv's clock. */
  readonly atUs: number;
}

/** A dead connection is met by the next request that takes it, mostly at once. */
const SECOND_VICTIM_US = 1_500_000;

/** In order of time, as the candidates are. */
export function endedSessionsOf(candidates: readonly Candidate[]): EndedSession[] {
  return candidates
    .flatMap(({ ending, interval, entry, classification }) =>
      ending && interval !== null ? [{ entry, classification, atUs: interval.fromUs }] : [],
    )
    .sort((a, b) => a.atUs - b.atUs);
}

/** The session whose end a request may have met: the last that ended before it, if that was just then. */
export function endedJustBefore(at: Interval | null, endings: readonly EndedSession[]): EndedSession | null {
  if (at === null) return null;
  const last = endings[countWhile(endings, ({ atUs }) => atUs < at.toUs) - 1];
  return last !== undefined && last.atUs >= at.fromUs - SECOND_VICTIM_US ? last : null;
}
