import { expect, test } from 'vitest';
import type { GapEvent } from '../../src/domain.ts';
import { freshIndex } from './fresh-index.ts';
import { downgrade, NOON_US, OPENING, postgresError } from './samples.ts';

const MINUTE_US = 60_000_000;
const NOON_MS = NOON_US / 1000;

const fresh = freshIndex();

function gap(fileId: number, bytesLost: number | null): GapEvent {
  const citation = { fileId, file: 'postgresql.log', line: 0, lines: 0, byteStart: -1, byteEnd: -1 };
  return { kind: 'gap', at: null, citation, format: 'postgres_stderr', reason: 'truncated', bytesLost };
}

/** A generation whose log was cut before it; @returns its id */
function cut(generation: number, bytesLost: number | null = null): number {
  const fileId = fresh.index.openFile({ ...OPENING, generation });
  fresh.index.commit({ events: [gap(fileId, bytesLost)], checkpoints: [] });
  return fileId;
}

function write(fileId: number, ...minutes: readonly number[]): void {
  const events = minutes.map((minute, at) => postgresError(fileId, at * 10, NOON_US + minute * MINUTE_US));
  fresh.index.commit({ events, checkpoints: [] });
}

const said = (): readonly (readonly [string | null, string | null])[] =>
  fresh.index.gaps(10).map(({ from, to }) => [from?.slice(11, 19) ?? null, to?.slice(11, 19) ?? null]);

test('a gap reaches from the newest event before it to the first one after it', () => {
  write(fresh.index.openFile(OPENING), 0, 3, 2);
  const after = cut(1);
  expect(said()).toEqual([['10:03:00', null]]);
  write(after, 7, 5);
  write(after, 4);
  expect(fresh.index.gaps(10)).toEqual([
    {
      kind: 'postgres',
      path: OPENING.path,
      from: '2026-11-23T10:03:00.000Z',
      to: '2026-11-23T10:07:00.000Z',
      reason: 'truncated',
      bytesLost: null,
    },
  ]);
});

test('the newest gap comes first, and one before which nothing was read has no beginning', () => {
  write(cut(0, 17), 1);
  write(cut(1, 18), 2);
  expect(said()).toEqual([
    ['10:01:00', '10:02:00'],
    [null, '10:01:00'],
  ]);
  expect(fresh.index.gaps(1).map(({ bytesLost }) => bytesLost)).toEqual([18]);
});

test('no gap: a cut by which nothing was lost, and what another log says', () => {
  write(fresh.index.openFile(OPENING), 0);
  cut(1, 0);
  expect(said()).toEqual([]);
  cut(2);
  const other = { ...OPENING, path: '/logs/other.log', identity: { ...OPENING.identity, ino: '7' } };
  write(fresh.index.openFile(other), 9);
  expect(said()).toEqual([['10:00:00', null]]);
});

test('a clock that was set back makes no gap that ends before it begins', () => {
  write(fresh.index.openFile(OPENING), 5);
  write(cut(1), 2);
  expect(said()).toEqual([['10:05:00', '10:05:00']]);
});

test('a transaction that fails leaves the gap as it was', () => {
  write(fresh.index.openFile(OPENING), 0);
  const after = cut(1);
  expect(() =>
    fresh.index.transaction(() => {
      write(after, 1);
      throw new Error('full');
    }),
  ).toThrow('full');
  expect(said()).toEqual([['10:00:00', null]]);
  write(after, 2);
  expect(said()).toEqual([['10:00:00', '10:02:00']]);
});

test('both ends stay when the events around it are pruned; it goes when it is too old itself', () => {
  write(fresh.index.openFile(OPENING), 0);
  write(cut(1), 10, 20);
  const keep = { days: 1, sizeBytes: 2 ** 40 };
  const prune = (minutes: number) => {
    while (fresh.index.prune(keep, NOON_MS + 86_400_000 + minutes * 60_000));
  };
  prune(5);
  expect(fresh.index.eventsBetween(0, Number.MAX_SAFE_INTEGER)).toHaveLength(2);
  expect(said()).toEqual([['10:00:00', '10:10:00']]);
  prune(15);
  expect(said()).toEqual([]);
});

test('an index that was written before there was the table is given the gaps of its events', () => {
  write(fresh.index.openFile(OPENING), 0, 1);
  write(cut(1), 6, 7);
  cut(2, 0);
  cut(3, 5);
  const before = fresh.index.gaps(10);
  expect(before).toHaveLength(2);
  fresh.index.close();
  downgrade(fresh.path, 3);
  fresh.reopen();
  expect(fresh.index.gaps(10)).toEqual(before);
});
