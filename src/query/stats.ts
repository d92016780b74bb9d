import type { CauseCategory, CauseCount, JsonOf, Stats } from '../domain.ts';
import { EXIT, WhydError } from '../errors.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** Failures by cause in one minute or hour that begins at `us`; `causes` is a JSON object of counts. */
export interface CauseBucket {
  readonly us: number;
  readonly causes: string;
}

/** Buckets, oldest first, and how many of each cause they hold together. */
export interface CauseCounts {
  readonly buckets: readonly CauseBucket[];
  readonly totals: ReadonlyMap<string, number>;
}

/** What statistics ask of the index: the whole minutes or hours that begin in [sinceUs, untilUs). */
export interface StatsReader {
  minutes(sinceUs: number, untilUs: number): CauseCounts;
  hours(sinceUs: number, untilUs: number): CauseCounts;
}

export type BucketName = '1m' | '1h';

const SECONDS: Readonly<Record<BucketName, number>> = { '1m': 60, '1h': 3600 };
/** Finer than this nobody sees on a screen. */
const MAX_BUCKETS = 2000;
const AUTO_MINUTES_US = 6 * 3_600_000_000;

export interface StatsRequest {
  readonly sinceUs: number;
  readonly untilUs: number;
  readonly bucket: BucketName | null;
  readonly categoryOf: (cause: string) => CauseCategory;
  /** What is open now; not of the span. */
  readonly open: Pick<Stats, 'openIssues' | 'openIncidents'>;
}

/**
 * Counts by bucket and cause: a Stats as JSON. It is put together from what the index keeps as JSON: to read twenty thousand counts of a day and to write
 * them again took 20 ms. @throws WhydError `stats.*`
 */
export function statsOf(
  reader: StatsReader,
  { sinceUs, untilUs, bucket, categoryOf, open }: StatsRequest,
): JsonOf<Stats> {
  if (untilUs <= sinceUs) {
    throw new WhydError('stats.bad_span', 'since must lie before until', { exitCode: EXIT.usage });
  }
  const name = bucket ?? (untilUs - sinceUs <= AUTO_MINUTES_US ? '1m' : '1h');
  const widthUs = SECONDS[name] * 1_000_000;
  const fromUs = Math.floor(sinceUs / widthUs) * widthUs;
  const count = Math.ceil((untilUs - fromUs) / widthUs);
  if (count > MAX_BUCKETS) {
    throw new WhydError('stats.too_many_buckets', `that would be ${String(count)} buckets of ${name}`, {
      hint: `Ask for ${String(MAX_BUCKETS)} at most: a shorter span${name === '1m' ? ', or bucket=1h' : ''}.`,
      exitCode: EXIT.usage,
    });
  }
  const { buckets: filled, totals } = name === '1m' ? reader.minutes(fromUs, untilUs) : reader.hours(fromUs, untilUs);
  const counted = new Map(filled.map(({ us, causes }) => [us, causes]));
  const buckets = Array.from({ length: count }, (_, at) => {
    const us = fromUs + at * widthUs;
    return `{"at":"${formatUtc(us)}","causes":${counted.get(us) ?? '{}'}}`;
  });
  const causes = [...totals].map(([cause, total]): CauseCount => ({
    cause,
    category: categoryOf(cause),
    count: total,
  }));
  causes.sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
  const rest: Omit<Stats, 'bucketSeconds' | 'buckets'> = {
    causes,
    failures: causes.reduce((sum, one) => sum + one.count, 0),
    ...open,
  };
  return `{"bucketSeconds":${String(SECONDS[name])},"buckets":[${buckets.join(',')}],${JSON.stringify(rest).slice(1)}`;
}
