import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { freshIndex } from './fresh-index.ts';
import { downgrade, NOON_US, verdict } from './samples.ts';

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const NOON_MS = NOON_US / 1000;
const CAUSES = ['deadlock', 'disk_full', 'lock_timeout'];

const fresh = freshIndex();

/** The n-th failure: one every 97 s, so that minutes and hours hold different numbers of them. */
function failure(number: number, cause: string, settled = true) {
  const at = new Date(NOON_MS + number * 97_000).toISOString();
  return verdict(`f_${String(number).padStart(4, '0')}`, { at, cause, settled, byteStart: number });
}

/** 200 failures over five hours, a third of them revised, the oldest hour pruned. */
function live(): void {
  const all = Array.from({ length: 200 }, (_, number) => number);
  fresh.index.saveVerdicts(
    all.map((number) => failure(number, CAUSES[number % 3] ?? '', number % 3 !== 0)),
    NOON_MS,
  );
  fresh.index.saveVerdicts(
    all.filter((number) => number % 3 === 0).map((number) => failure(number, CAUSES[(number / 3) % 3] ?? '')),
    NOON_MS,
  );
  const keep = { days: 1, sizeBytes: 2 ** 40 };
  while (fresh.index.prune(keep, NOON_MS + 86_400_000 + 3_600_000));
}

/** What the failures themselves say, by stretches of that width. */
function recount(widthUs: number): readonly (readonly [us: number, causes: Readonly<Record<string, number>>])[] {
  const database = new Sqlite(fresh.path, { readonly: true });
  const rows = database
    .prepare<[], { us: number; cause: string; count: number }>(
      `SELECT order_us / ${String(widthUs)} * ${String(widthUs)} AS us, cause, count(*) AS count FROM failures GROUP BY 1, 2`,
    )
    .all();
  database.close();
  const found = new Map<number, Record<string, number>>();
  for (const { us, cause, count } of rows) found.set(us, { ...found.get(us), [cause]: count });
  return [...found].sort(([a], [b]) => a - b);
}

const minutes = () =>
  fresh.index.stats
    .minutes(0, Number.MAX_SAFE_INTEGER)
    .buckets.map(({ us, causes }) => [us, JSON.parse(causes) as Record<string, number>] as const);

const totals = (fromUs: number, toUs: number) =>
  Object.fromEntries([...fresh.index.stats.minutes(fromUs, toUs).totals].sort(([a], [b]) => (a < b ? -1 : 1)));

/** The same sum, minute by minute. */
function summed(fromUs: number, toUs: number): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [us, causes] of minutes()) {
    if (us < fromUs || us >= toUs) continue;
    for (const [cause, count] of Object.entries(causes)) sums[cause] = (sums[cause] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('the minutes are what the failures say, after revisions and pruning', () => {
  live();
  expect(minutes()).toEqual(recount(MINUTE_US));
  expect(minutes().length).toBeGreaterThan(100);
});

test.each([
  ['whole hours', 1, 4],
  ['from the middle of an hour', 1.3, 4],
  ['to the middle of an hour', 1, 3.75],
  ['both', 1.05, 3.95],
  ['within an hour', 2.2, 2.8],
  ['across one full hour', 1.9, 3.1],
  ['none', 2, 2],
  ['all', -5, 10],
])('sums over %s are those of their minutes', (_, from, to) => {
  live();
  const fromUs = NOON_US + Math.round(from * 60) * MINUTE_US;
  const toUs = NOON_US + Math.round(to * 60) * MINUTE_US;
  expect(totals(fromUs, toUs)).toEqual(summed(fromUs, toUs));
});

test('hours hold each cause once, whatever its SQLSTATEs, and sum up to the totals', () => {
  const coded = (number: number, sqlstate: string) => {
    const one = failure(number, 'deadlock');
    return { ...one, cause: { ...one.cause, sqlstate } };
  };
  fresh.index.saveVerdicts(
    [coded(1, '40P01'), coded(2, '40001'), coded(40, '40P01'), failure(3, 'disk_full')],
    NOON_MS,
  );
  expect(fresh.index.stats.hours(NOON_US, NOON_US + 24 * HOUR_US)).toEqual({
    buckets: [
      { us: NOON_US, causes: '{"deadlock":2,"disk_full":1}' },
      { us: NOON_US + HOUR_US, causes: '{"deadlock":1}' },
    ],
    totals: new Map([
      ['deadlock', 3],
      ['disk_full', 1],
    ]),
  });
});

test('what is taken out again leaves no empty minute and no empty hour', () => {
  fresh.index.saveVerdicts([failure(1, 'deadlock', false)], NOON_MS);
  fresh.index.saveVerdicts([failure(1, 'disk_full')], NOON_MS);
  expect(totals(0, NOON_US + HOUR_US)).toEqual({ disk_full: 1 });
  while (fresh.index.prune({ days: 1, sizeBytes: 2 ** 40 }, NOON_MS + 3 * 86_400_000));
  expect([minutes(), totals(0, NOON_US + 24 * HOUR_US)]).toEqual([[], {}]);
});

test('an index with a row for each minute and cause is brought up to date', () => {
  live();
  const before = [minutes(), totals(0, NOON_US + 24 * HOUR_US)];
  fresh.index.close();
  downgrade(fresh.path, 5);
  fresh.reopen();
  expect([minutes(), totals(0, NOON_US + 24 * HOUR_US)]).toEqual(before);
  fresh.index.saveVerdicts([failure(50, 'deadlock', true), failure(400, 'disk_full')], NOON_MS);
  expect(minutes()).toEqual(recount(MINUTE_US));
});
