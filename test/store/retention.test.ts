import { statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';
import { checkpointAt, denokvError, NOON_US, OPENING, postgresError, temporaryFolder, verdict } from './samples.ts';

const HOUR_US = 3_600_000_000;
const NOON_MS = NOON_US / 1000;
const ALL = { days: 10_000, sizeBytes: 2 ** 40 };

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let index: WhydIndex;
let fileId: number;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'whyd.db');
  index = openIndex(path);
  fileId = index.openFile(OPENING);
});

afterEach(() => {
  index.close();
  folder.remove();
});

/** One event an hour, back from noon; each with a text that fills a few hundred bytes. */
function fill(hours: number): void {
  const events = Array.from({ length: hours }, (_, hour) =>
    postgresError(fileId, hour * 10, NOON_US - (hours - hour) * HOUR_US, 'x'.repeat(500)),
  );
  index.commit({ events, checkpoints: [checkpointAt(hours * 10)] });
}

function prune(keep: typeof ALL, nowMs = NOON_MS): void {
  for (let steps = 0; index.prune(keep, nowMs); steps += 1) if (steps > 1000) throw new Error('pruning has no end');
}

function count(): number {
  return index.eventsBetween(0, Number.MAX_SAFE_INTEGER).length;
}

test('what is older than the days that are kept goes, with its failures and their revisions; the counts and the position stay', () => {
  fill(72);
  index.saveVerdicts([verdict('f_old', { at: '2026-11-20T11:00:00.000Z', settled: false })], NOON_MS);
  index.saveVerdicts([verdict('f_old', { at: '2026-11-20T11:00:00.000Z', cause: 'lock_timeout' })], NOON_MS);
  index.saveVerdicts([verdict('f_new')], NOON_MS);
  prune({ ...ALL, days: 1 });
  expect(count()).toBe(24);
  expect([index.failureById('f_old'), index.failureById('f_new')?.id]).toEqual([null, 'f_new']);
  expect(index.checkpointByIdentity(OPENING.identity)?.offset).toBe(720);
  const counts = index.hourly(0, Number.MAX_SAFE_INTEGER);
  expect(counts.filter(({ topic }) => topic === 'event')).toHaveLength(72);
  expect(counts.filter(({ topic }) => topic === 'failure').map(({ what }) => what)).toEqual([
    'lock_timeout',
    'deadlock',
  ]);
});

test('past its size the index gives up the oldest first, and the file shrinks', () => {
  fill(20_000);
  // Only a closed connection has moved all pages from the write-ahead log to the file.
  index.close();
  const before = statSync(path).size;
  index = openIndex(path);
  prune({ ...ALL, sizeBytes: before / 4 });
  expect(count()).toBeGreaterThan(0);
  expect(index.eventsBetween(NOON_US - HOUR_US, NOON_US)).toHaveLength(1);
  index.close();
  expect(statSync(path).size).toBeLessThan(before / 3);
  index = openIndex(path);
});

test('a symptom that is pruned before its verdict was final is no longer waited for', () => {
  index.commit({ events: [denokvError(fileId, 0, NOON_US - 100 * HOUR_US)], checkpoints: [] });
  expect(index.openSymptoms()).toHaveLength(1);
  prune({ ...ALL, days: 1 });
  expect(index.openSymptoms()).toEqual([]);
});

test('an event that comes again, or fuller, is counted once', () => {
  const event = postgresError(fileId, 0, NOON_US);
  index.commit({ events: [event], checkpoints: [] });
  index.commit({ events: [event], checkpoints: [] });
  index.commit({ events: [{ ...event, detail: 'more' }], checkpoints: [] });
  expect(index.hourly(0, Number.MAX_SAFE_INTEGER)).toEqual([
    { hourUs: NOON_US, topic: 'event', what: 'postgres_error', severity: 'ERROR', sqlstate: '40P01', count: 1 },
  ]);
});

test('an index within its limits is left alone', () => {
  fill(10);
  expect(index.prune(ALL, NOON_MS)).toBe(false);
  expect(count()).toBe(10);
  const database = new Sqlite(path, { readonly: true });
  expect(database.pragma('auto_vacuum', { simple: true })).toBe(2);
  database.close();
});
