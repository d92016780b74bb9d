import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NOON_US, OPENING, denokvError, postgresError } from '../store/samples.ts';
import { TEST_CLOCK } from '../cli/fake-terminal.ts';
import { makeVerdict } from '../query/memory-reader.ts';
import { apiOver, type TestApi } from './api-over.ts';

const TOKEN = 'a-token-that-is-long-enough-for-tests';

/** What SQLite was asked while the API answered: the text of each question. */
const asked = new Set<string>();
let plans: ReadonlyMap<string, readonly string[]>;
let api: TestApi;

const FAILURE_FILTERS = {
  since: '2026-11-23T10:00:00Z',
  until: '2026-11-23T12:00:00Z',
  cause: 'deadlock',
  operation: 'atomic_write',
  sqlstate: '40P01',
  certainty: 'certain',
  issue: 'i_1',
  incident: 'n_1',
  q: 'deadlock',
};
const EVENT_FILTERS = {
  since: '2026-11-23T10:00:00Z',
  until: '2026-11-23T12:00:00Z',
  kind: 'denokv_error',
  severity: 'ERROR',
  sqlstate: '40P01',
  pid: '3121',
  q: 'deadlock',
};
const WHYS = [
  ...['last', 'f_0001aaaa', 'f_000', 'i_1', 'n_1', '4bf92f3577b34da6a3ce929d0e0e4736', '["users","alice"]', '40P01'],
  ...['2026-11-23T10:22:05Z', '2026-11-23T10:22:05.100Z', '2026-11-23', '2026-11-22T01:00:00Z', '++', 'eadlock'],
  ...['deadlock', 'atomic_write', 'deadlock detected', 'deadl', 'nowhere at all', '12345'],
];

/** Every filter by itself and with every other one. */
function combined(path: string, filters: Readonly<Record<string, string>>): readonly string[] {
  const entries = Object.entries(filters);
  const pairs = entries.flatMap((one, at) => entries.slice(at + 1).map((other) => new URLSearchParams([one, other])));
  const single = entries.map((one) => new URLSearchParams([one]));
  return [path, ...[...single, ...pairs].map((query) => `${path}?${String(query)}`)];
}

beforeAll(async () => {
  const prepare = Reflect.get(Sqlite.prototype, 'prepare') as (sql: string) => Sqlite.Statement;
  const spy = vi.spyOn(Sqlite.prototype, 'prepare').mockImplementation(function (this: Sqlite.Database, sql: string) {
    asked.add(sql);
    return prepare.call(this, sql);
  });
  const verdicts = [1, 2, 3, 4].map((number) =>
    makeVerdict({ id: `f_${String(number).padStart(4, '0')}aaaa`, issue: `i_${String(number)}` }),
  );
  api = apiOver(verdicts, { token: TOKEN, clock: () => TEST_CLOCK, rateLimit: 1_000_000 });
  const denokv = api.index.openFile({
    ...OPENING,
    kind: 'denokv',
    path: '/d.log',
    identity: { ...OPENING.identity, ino: '7' },
  });
  const pg = api.index.openFile(OPENING);
  const events = [1, 2, 3].flatMap((at) => [
    denokvError(denokv, at * 100, NOON_US + at),
    postgresError(pg, at * 100, NOON_US + at),
  ]);
  api.index.commit({ events, checkpoints: [] });
  const ask = async (path: string): Promise<{ readonly nextCursor?: string | null }> => {
    const answer = await api.app.inject({
      method: 'GET',
      url: path,
      headers: { authorization: `Bearer ${TOKEN}`, host: 'localhost' },
    });
    expect([path, answer.statusCode]).toEqual([path, 200]);
    return String(answer.headers['content-type']).includes('json') ? answer.json() : {};
  };
  const lists = [
    ...combined('/v1/failures', FAILURE_FILTERS),
    ...combined('/v1/events', EVENT_FILTERS),
    ...combined('/v1/issues', { state: 'open', cause: 'deadlock', since: '2026-11-23T10:00:00Z' }),
    '/v1/issues?state=muted',
    '/v1/issues?state=resolved',
    ...combined('/v1/incidents', {
      since: '2026-11-23T10:00:00Z',
      until: '2026-11-23T12:00:00Z',
      cause: 'disk_full',
      open: 'true',
    }),
    '/v1/incidents?open=false',
  ];
  for (const path of lists) {
    const limited = `${path}${path.includes('?') ? '&' : '?'}limit=1`;
    const { nextCursor } = await ask(limited);
    if (nextCursor != null) await ask(`${limited}&cursor=${nextCursor}`);
  }
  for (const what of WHYS) await ask(`/v1/why?q=${encodeURIComponent(what)}`);
  for (const path of ['f_0001aaaa', 'f_0001aaaa/timeline']) await ask(`/v1/failures/${path}`);
  for (const path of ['issues/i_1', 'events/1', 'stats', 'stats?since=7d&bucket=1h', 'sources', 'markers'])
    await ask(`/v1/${path}`);
  await ask('/metrics');
  spy.mockRestore();
  plans = planned();
}, 60_000);
afterAll(() => api.close());

/** Whether a step scans events or failures, by whatever name the question calls them: all of it, or in the order of an index until enough is found. */
function isScan(step: string, sql: string): boolean {
  const name = /^SCAN (\w+)/.exec(step)?.[1];
  if (name === undefined || step.includes('VIRTUAL TABLE')) return false;
  return /^(?:events|failures)$/.test(name) || new RegExp(`\\b(?:events|failures) (?:AS )?${name}\\b`).test(sql);
}

function planned(): ReadonlyMap<string, readonly string[]> {
  const database = new Sqlite(join(api.folder, 'whyd.db'), { readonly: true });
  try {
    database.exec("CREATE VIRTUAL TABLE temp.failure_vocabulary USING fts5vocab(main, 'failure_words', 'instance')");
    const explain = (sql: string): readonly string[] =>
      database
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from({ length: parametersOf(sql) }, () => null), ...namedOf(sql))
        .map(({ detail }) => detail);
    return new Map(
      [...asked].filter((sql) => /^\s*(?:SELECT|UPDATE|DELETE)/.test(sql)).map((sql) => [sql, explain(sql)]),
    );
  } finally {
    database.close();
  }
}

const parametersOf = (sql: string): number => sql.split('?').length - 1;

function namedOf(sql: string): readonly Record<string, null>[] {
  const names = [...sql.matchAll(/@(\w+)/g)].map(([, name = '']) => name);
  return names.length === 0 ? [] : [Object.fromEntries(names.map((name) => [name, null]))];
}

/** Walks that end by themselves: newest first in the order of an index, until a page is full or the bound of the walk is reached. */
const BOUNDED_WALKS: readonly { readonly sql: RegExp; readonly index: string; readonly because: string }[] = [
  {
    sql: /FROM failures {1,2}ORDER BY order_us DESC.* LIMIT \d+$/,
    index: 'failures_newest',
    because: 'the newest failures: a page of them is what is asked for',
  },
  {
    sql: /FROM failures ORDER BY order_us DESC, byte_start DESC, id DESC LIMIT \d+\)/,
    index: 'failures_newest',
    because: 'a piece of a word is looked for in the newest 1,500',
  },
  {
    sql: /FROM events WHERE at_us IS NULL ORDER BY near_us DESC, id DESC LIMIT (?:1 OFFSET )?\d+/,
    index: 'events_near_time',
    because: 'events without a time: a page looks through 10,000 at most',
  },
  {
    sql: /^SELECT id, body FROM events WHERE kind = 'denokv_note' ORDER BY id DESC LIMIT \?$/,
    index: 'events_notes',
    because: "a start of the daemon asks for denokv's newest notes",
  },
  {
    sql: /^DELETE FROM events WHERE id IN \(SELECT id FROM events ORDER BY id LIMIT \?\)/,
    index: 'events',
    because: 'retention takes the oldest 2,000 in the order in which they are kept',
  },
];

/** Sorts of few. */
const SMALL_SORTS: readonly { readonly step: RegExp; readonly sql: RegExp; readonly because: string }[] = [
  {
    step: /FOR LAST TERM OF ORDER BY$/,
    sql: /ORDER BY at_us DESC, id DESC LIMIT \d+/,
    because: 'the index has the order of time; what is sorted is events of one moment',
  },
  { step: /./, sql: /WHERE request_id = \? ORDER BY/, because: 'one request has few failures' },
  {
    step: /./,
    sql: /FROM event_keys WHERE kv_key .* LIMIT/s,
    because: 'numbers of at most 10,000 events, then the 500 that are read',
  },
  {
    step: /./,
    sql: /WHERE at_us IS NULL AND near_us >= \? AND near_us < \? ORDER BY id LIMIT \?$/,
    because: "a timeline's untimed events: those of some seconds",
  },
];

test('the API was asked in many forms', () => {
  expect(asked.size).toBeGreaterThan(150);
  expect([...asked].some((sql) => sql.includes('failure_words MATCH'))).toBe(true);
});

test('no question scans all events or all failures', () => {
  const scans = [...plans].flatMap(([sql, plan]) =>
    plan
      .filter((step) => isScan(step, sql))
      .filter((step) => !BOUNDED_WALKS.some((walk) => walk.sql.test(sql) && step.includes(walk.index)))
      .map((step) => `${step}: ${sql}`),
  );
  expect(scans).toEqual([]);
});

test('no question sorts what it finds among events or failures', () => {
  const sorts = [...plans].flatMap(([sql, plan]) =>
    plan
      .filter(
        (step) => step.startsWith('USE TEMP B-TREE') && plan.some((other) => /\b(?:events|failures|e|f)\b/.test(other)),
      )
      .filter((step) => !SMALL_SORTS.some((sort) => sort.step.test(step) && sort.sql.test(sql)))
      .map((step) => `${step}: ${sql}`),
  );
  expect(sorts).toEqual([]);
});

test('every walk and every sort that is allowed is one that happens', () => {
  for (const walk of [...BOUNDED_WALKS, ...SMALL_SORTS])
    expect([walk.because, [...plans.keys()].some((sql) => walk.sql.test(sql))]).toEqual([walk.because, true]);
});

test('the test sees a scan where there is one', () => {
  const database = new Sqlite(join(api.folder, 'whyd.db'), { readonly: true });
  const scans = (sql: string): boolean =>
    database
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .some(({ detail }) => isScan(detail, sql));
  expect(scans("SELECT * FROM failures WHERE search = 'x'")).toBe(true);
  expect(scans("SELECT * FROM events WHERE body = 'x'")).toBe(true);
  expect(scans("SELECT walked.id FROM events walked WHERE walked.body = 'x'")).toBe(true);
  expect(scans('SELECT e.id FROM events AS walked CROSS JOIN events e ON e.id = walked.id')).toBe(true);
  expect(scans('SELECT e.id FROM (SELECT 1 AS id) walked CROSS JOIN events e ON e.id = walked.id')).toBe(false);
  database.close();
});
