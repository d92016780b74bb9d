import type { CauseCategory, Stats, StatsBucket } from '../domain.ts';
import { EXIT, WhydError } from '../errors.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** Failures by cause in one minute or hour that begins at `us`. */
export interface CauseBucket {
  readonly us: number;
  readonly causes: Readonly<Record<string, number>>;
}

/** What statistics ask of the index. */
export interface StatsReader {
  minutes(sinceUs: number, untilUs: number): readonly CauseBucket[];
  hours(sinceUs: number, untilUs: number): readonly CauseBucket[];
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
}

/** Counts by bucket and cause; the open issues and incidents are the caller's to add. @throws WhydError `stats.*` */
export function statsOf(
  reader: StatsReader,
  { sinceUs, untilUs, bucket, categoryOf }: StatsRequest,
): Omit<Stats, 'openIssues' | 'openIncidents'> {
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
  const rows = name === '1m' ? reader.minutes(fromUs, untilUs) : reader.hours(fromUs, untilUs);
  const buckets = Array.from({ length: count }, (_, at): { at: string; causes: CauseBucket['causes'] } => ({
    at: formatUtc(fromUs + at * widthUs),
    causes: {},
  }));
  const totals = new Map<string, number>();
  for (const row of rows) {
    const into = buckets[Math.floor((row.us - fromUs) / widthUs)];
    if (into === undefined) continue;
    into.causes = row.causes;
    for (const [cause, total] of Object.entries(row.causes)) totals.set(cause, (totals.get(cause) ?? 0) + total);
  }
  const causes = [...totals].map(([cause, total]) => ({ cause, category: categoryOf(cause), count: total }));
  causes.sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
  return {
    bucketSeconds: SECONDS[name],
    buckets: buckets satisfies readonly StatsBucket[],
    causes,
    failures: causes.reduce((sum, one) => sum + one.count, 0),
  };
}
