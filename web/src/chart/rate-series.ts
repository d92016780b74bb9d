import type { Stats } from '../../../src/domain.ts';

/** Failures per bucket, one row a cause, most frequent first. */
export interface RateSeries {
  readonly bucketSeconds: number;
  /** Starts of the buckets, seconds since the epoch, without holes. */
  readonly starts: readonly number[];
  readonly rows: readonly RateRow[];
  readonly totals: readonly number[];
}

export interface RateRow {
  /** A cause, or `other`. */
  readonly cause: string;
  readonly category: string;
  readonly counts: readonly number[];
  readonly total: number;
}

/** More bands than this in one bar are a rainbow, not an answer. */
const MOST_ROWS = 8;

/** The window's buckets with the daemon's counts in them: it leaves out what is empty. */
export function rateSeries(stats: Stats, fromMs: number, untilMs: number): RateSeries {
  const { bucketSeconds } = stats;
  const first = Math.floor(fromMs / 1_000 / bucketSeconds) * bucketSeconds;
  const last = Math.floor((untilMs - 1) / 1_000 / bucketSeconds) * bucketSeconds;
  const length = Math.max(1, Math.round((last - first) / bucketSeconds) + 1);
  const starts = Array.from({ length }, (_, index) => first + index * bucketSeconds);
  const counts = new Map<string, number[]>();
  for (const { at, causes } of stats.buckets) {
    const index = Math.round((Date.parse(at) / 1_000 - first) / bucketSeconds);
    if (index < 0 || index >= length) continue;
    for (const [cause, count] of Object.entries(causes)) {
      const row = counts.get(cause) ?? Array.from({ length }, () => 0);
      row[index] = (row[index] ?? 0) + count;
      counts.set(cause, row);
    }
  }
  const categories = new Map(stats.causes.map(({ cause, category }) => [cause, category]));
  const rows = [...counts]
    .map(([cause, each]) => ({ cause, category: categories.get(cause) ?? 'unknown', counts: each, total: sum(each) }))
    .sort((one, other) => other.total - one.total || one.cause.localeCompare(other.cause));
  const shown = rows.length <= MOST_ROWS ? rows : [...rows.slice(0, MOST_ROWS - 1), merge(rows.slice(MOST_ROWS - 1))];
  return { bucketSeconds, starts, rows: shown, totals: addUp(shown, length) };
}

/** Heights of the stack's bands: the last row's top is the highest, and is painted first. */
export function stackedTops(rows: readonly RateRow[], length: number): readonly (readonly number[])[] {
  const below = Array.from({ length }, () => 0);
  return rows.map(({ counts }) =>
    below.map((height, index) => {
      const top = height + (counts[index] ?? 0);
      below[index] = top;
      return top;
    }),
  );
}

function merge(rows: readonly RateRow[]): RateRow {
  const length = rows[0]?.counts.length ?? 0;
  const counts = addUp(rows, length);
  return { cause: 'other', category: 'unknown', counts, total: sum(counts) };
}

function addUp(rows: readonly RateRow[], length: number): number[] {
  return Array.from({ length }, (_, index) => rows.reduce((total, { counts }) => total + (counts[index] ?? 0), 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
