import { beforeEach, describe, expect, test } from 'vitest';
import type { FailureFilter, Verdict } from '../../src/domain.ts';
import { freshIndex } from './fresh-index.ts';
import { NOON_US, OPENING, verdict } from './samples.ts';

const SAVED_MS = NOON_US / 1000 + 60_000;

const fresh = freshIndex();

function save(...verdicts: readonly Verdict[]): { fresh: string[]; revised: string[]; settled: string[] } {
  const saved = fresh.index.saveVerdicts(verdicts, SAVED_MS);
  const ids = (list: readonly Verdict[]): string[] => list.map((one) => one.id);
  return { fresh: ids(saved.fresh), revised: ids(saved.revised), settled: ids(saved.settled) };
}

function list(filter: FailureFilter = {}): string[] {
  return fresh.index.failures(filter, { limit: 100, cursor: null }).items.map((one) => one.id);
}

describe('saving', () => {
  test('what is new, what was revised and what became final is told apart, and final stays', () => {
    const open = verdict('f_1', { settled: false });
    expect(save(open)).toEqual({ fresh: ['f_1'], revised: [], settled: [] });
    expect(save(open)).toEqual({ fresh: [], revised: [], settled: [] });
    const other = verdict('f_1', { settled: false, cause: 'lock_timeout' });
    expect(save(other)).toEqual({ fresh: [], revised: ['f_1'], settled: [] });
    expect(save(verdict('f_1', { cause: 'lock_timeout' }))).toEqual({ fresh: [], revised: [], settled: ['f_1'] });
    expect(save(verdict('f_1', { cause: 'statement_timeout' }))).toEqual({ fresh: [], revised: [], settled: [] });
    expect(save(verdict('f_2'))).toEqual({ fresh: ['f_2'], revised: [], settled: ['f_2'] });
    expect(fresh.index.revisions('f_1').map((one) => one.cause.id)).toEqual(['deadlock']);
    expect(fresh.index.failureById('f_1')?.cause.id).toBe('lock_timeout');
    expect(fresh.index.failureById('f_1')?.coverage.settled).toBe(true);
    expect(fresh.index.failureById('f_3')).toBeNull();
  });

  test('another order of keys is no revision', () => {
    const { evidence, ...rest } = verdict('f_1');
    save(verdict('f_1'));
    expect(save({ evidence, ...rest }).revised).toEqual([]);
  });

  test('the symptom may cite a file of the index, and no other', () => {
    const fileId = fresh.index.openFile(OPENING);
    fresh.index.saveVerdicts([verdict('f_1')], SAVED_MS, new Map([['f_1', { fileId, byteStart: 4 }]]));
    const act = (): void => {
      fresh.index.saveVerdicts([verdict('f_2')], SAVED_MS, new Map([['f_2', { fileId: 99, byteStart: 4 }]]));
    };
    expect(act).toThrow(/FOREIGN KEY/);
    expect(list()).toEqual(['f_1']);
  });
});

describe('listing', () => {
  test('newest first; within a second the later line first; without a time by when it was seen', () => {
    save(
      verdict('f_a', { byteStart: 10 }),
      verdict('f_c', { at: '2026-11-23T10:00:01.000Z' }),
      verdict('f_b', { byteStart: 500 }),
      verdict('f_d', { at: null }),
      verdict('f_e', { at: '2026-11-23T10:00:00.000001Z' }),
    );
    expect(list()).toEqual(['f_d', 'f_c', 'f_e', 'f_b', 'f_a']);
  });

  test('pages survive inserts before and behind the reader', () => {
    const at = (second: number): string => `2026-11-23T10:00:${String(second).padStart(2, '0')}.000Z`;
    for (let second = 10; second < 20; second += 1) save(verdict(`f_${String(second)}`, { at: at(second) }));
    const first = fresh.index.failures({}, { limit: 4, cursor: null });
    save(verdict('f_new', { at: at(30) }), verdict('f_old', { at: at(1) }), verdict('f_17b', { at: at(17) }));
    const second = fresh.index.failures({}, { limit: 4, cursor: first.nextCursor });
    const third = fresh.index.failures({}, { limit: 4, cursor: second.nextCursor });
    const ids = [first, second, third].map((page) => page.items.map((one) => one.id));
    expect(ids).toEqual([
      ['f_19', 'f_18', 'f_17', 'f_16'],
      ['f_15', 'f_14', 'f_13', 'f_12'],
      ['f_11', 'f_10', 'f_old'],
    ]);
    expect(third.nextCursor).toBeNull();
  });

  test('failures of one moment are paged too, and a full last page has no cursor', () => {
    save(...Array.from({ length: 6 }, (_, place) => verdict(`f_${String(place)}`, { byteStart: 3 })));
    const first = fresh.index.failures({}, { limit: 3, cursor: null });
    const second = fresh.index.failures({}, { limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map((one) => one.id)).toEqual(['f_5', 'f_4', 'f_3', 'f_2', 'f_1', 'f_0']);
    expect(second.nextCursor).toBeNull();
  });

  test.each(['', 'x', 'bnVsbA', 'WzEsMl0', "' OR 1=1 --"])(
    'a cursor that whyd did not give out is refused: %j',
    (cursor) => {
      expect(() => fresh.index.failures({}, { limit: 3, cursor })).toThrow(
        expect.objectContaining({ code: 'query.bad_cursor' }),
      );
    },
  );
});

describe('filters', () => {
  beforeEach(() => {
    save(
      verdict('f_1', { cause: 'deadlock', operation: 'atomic_write', byteStart: 1 }),
      verdict('f_2', { cause: 'lock_timeout', sqlstate: '55P03', certainty: 'likely', byteStart: 2 }),
      verdict('f_3', {
        at: '2026-11-23T10:00:05.000Z',
        cause: 'connection_lost',
        sqlstate: null,
        operation: 'snapshot_read',
      }),
    );
  });

  test.each<[FailureFilter, string[]]>([
    [{}, ['f_3', 'f_2', 'f_1']],
    [{ cause: 'deadlock' }, ['f_1']],
    [{ sqlstate: '55P03' }, ['f_2']],
    [{ certainty: 'likely' }, ['f_2']],
    [{ operation: 'snapshot_read' }, ['f_3']],
    [{ sinceUs: NOON_US + 5_000_000 }, ['f_3']],
    [{ untilUs: NOON_US + 5_000_000 }, ['f_2', 'f_1']],
    [{ cause: 'deadlock', operation: 'snapshot_read' }, []],
    [{ cause: "x' OR '1'='1" }, []],
  ])('%j', (filter, expected) => {
    expect(list(filter)).toEqual(expected);
    expect(fresh.index.groupFailures(filter, 5).total).toBe(expected.length);
  });
});

describe('text', () => {
  const hostile = [
    '100%',
    'a_b',
    'back\\slash',
    "quote ' quote",
    'NUL \0 behind',
    '%',
    '_',
    'ÄÖÜ ß Ω',
    '[a-z]*',
    '"; DROP TABLE failures; --',
  ];

  test.each(hostile)('is found as it stands, and only so: %j', (text) => {
    save(verdict('f_hit', { text: `before ${text} after` }), verdict('f_miss', { text: 'nothing of the kind, axb' }));
    expect(list({ text })).toEqual(['f_hit']);
    expect(list({ text: text.toLowerCase() })).toEqual(['f_hit']);
    expect(list({ text: text.toUpperCase().replace('SS', 'ß') })).toEqual(['f_hit']);
  });

  test('a pattern of any length is only text', () => {
    save(verdict('f_1'));
    expect(list({ text: '%'.repeat(100_000) })).toEqual([]);
  });

  test("the entry's text counts as well, and follows a revision", () => {
    const entry = {
      file: 'p.log',
      line: 1,
      byteStart: 0,
      byteEnd: 9,
      pid: 1,
      at: null,
      confidence: 1,
      text: 'Key (k)=(1)',
    };
    save({ ...verdict('f_1', { settled: false }), postgres: entry });
    expect(list({ text: 'key (K)' })).toEqual(['f_1']);
    save(verdict('f_1'));
    expect(list({ text: 'key (K)' })).toEqual([]);
  });
});

test('the nearest failures come first; a whole second is one moment', () => {
  const at = (second: number): string => `2026-11-23T10:00:${String(second).padStart(2, '0')}.000Z`;
  save(...[0, 10, 20, 30].map((second) => verdict(`f_${String(second)}`, { at: at(second) })));
  const near = (seconds: number, limit: number): string[] =>
    fresh.index.momentsNear(NOON_US + seconds * 1_000_000, limit).map((one) => one.id);
  expect(near(10.9, 2)).toEqual(['f_10', 'f_20']);
  expect(near(16, 3)).toEqual(['f_20', 'f_10', 'f_30']);
  expect(near(-5, 1)).toEqual(['f_0']);
  expect(near(99, 1)).toEqual(['f_30']);
});
