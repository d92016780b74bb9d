import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, test } from 'vitest';
import type { Incident } from '../../src/domain.ts';
import { freshIndex } from './fresh-index.ts';
import { checkpointAt, denokvError, NOON_US, OPENING, postgresError, verdict } from './samples.ts';

const HOUR_US = 3_600_000_000;
const NOON_MS = NOON_US / 1000;
const ALL = { days: 10_000, sizeBytes: 2 ** 40 };

const fresh = freshIndex();

let fileId: number;

beforeEach(() => {
  fileId = fresh.index.openFile(OPENING);
});

/** One event an hour, back from noon; each with a text that fills a few hundred bytes. */
function fill(hours: number): void {
  const events = Array.from({ length: hours }, (_, hour) =>
    postgresError(fileId, hour * 10, NOON_US - (hours - hour) * HOUR_US, 'x'.repeat(500)),
  );
  fresh.index.commit({ events, checkpoints: [checkpointAt(hours * 10)] });
}

function prune(keep: typeof ALL, nowMs = NOON_MS): void {
  for (let steps = 0; fresh.index.prune(keep, nowMs); steps += 1)
    if (steps > 1000) throw new Error('pruning has no end');
}

function count(): number {
  return fresh.index.eventsBetween(0, Number.MAX_SAFE_INTEGER).length;
}

test('what is older than the days that are kept goes, with its failures and their revisions; the counts and the position stay', () => {
  fill(72);
  fresh.index.saveVerdicts([verdict('f_old', { at: '2026-11-20T11:00:00.000Z', settled: false })], NOON_MS);
  fresh.index.saveVerdicts([verdict('f_old', { at: '2026-11-20T11:00:00.000Z', cause: 'lock_timeout' })], NOON_MS);
  fresh.index.saveVerdicts([verdict('f_new')], NOON_MS);
  prune({ ...ALL, days: 1 });
  expect(count()).toBe(24);
  expect([fresh.index.failureById('f_old'), fresh.index.failureById('f_new')?.id]).toEqual([null, 'f_new']);
  expect(fresh.index.checkpointByIdentity(OPENING.identity)?.offset).toBe(720);
  const counts = fresh.index.hourly(0, Number.MAX_SAFE_INTEGER);
  expect(counts.filter(({ topic }) => topic === 'event')).toHaveLength(72);
  expect(counts.filter(({ topic }) => topic === 'failure').map(({ what }) => what)).toEqual([
    'lock_timeout',
    'deadlock',
  ]);
});

test('past its size the index gives up the oldest first, and the file shrinks', () => {
  fill(20_000);
  // Only a closed connection has moved all pages from the write-ahead log to the file.
  fresh.index.close();
  const before = statSync(fresh.path).size;
  fresh.reopen();
  prune({ ...ALL, sizeBytes: before / 4 });
  expect(count()).toBeGreaterThan(0);
  expect(fresh.index.eventsBetween(NOON_US - HOUR_US, NOON_US)).toHaveLength(1);
  fresh.index.close();
  expect(statSync(fresh.path).size).toBeLessThan(before / 3);
  fresh.reopen();
});

test('past its size the index keeps the newest by the logs, in whatever order they were read', () => {
  // As in a first start: denokv's small log is read to its end long before the large ones.
  const hours = 4000;
  const errors = Array.from({ length: hours }, (_, n) => denokvError(fileId, n * 10, NOON_US - n * HOUR_US));
  fresh.index.commit({ events: errors, checkpoints: [] });
  const atHour = (hour: number): string => new Date((NOON_US - hour * HOUR_US) / 1000).toISOString();
  fresh.index.saveVerdicts(
    [1, hours - 1].map((hour) => verdict(`f_${String(hour)}`, { at: atHour(hour) })),
    NOON_MS,
  );
  fileId = fresh.index.openFile({ ...OPENING, generation: 1 });
  fill(hours);
  fresh.index.close();
  const { size } = statSync(fresh.path);
  fresh.reopen();
  prune({ ...ALL, sizeBytes: size / 2 });
  const left = fresh.index.eventsBetween(0, Number.MAX_SAFE_INTEGER);
  expect(left.at(-1)).toMatchObject({ kind: 'denokv_error', at: { us: NOON_US } });
  const ofPostgres = left.filter(({ kind }) => kind === 'postgres_error').length;
  expect(ofPostgres).toBeGreaterThan(500);
  expect(left.length - ofPostgres).toBeGreaterThanOrEqual(ofPostgres);
  expect(left.length - ofPostgres).toBeLessThanOrEqual(ofPostgres + 1);
  expect([fresh.index.failureById('f_1')?.id, fresh.index.failureById(`f_${String(hours - 1)}`)]).toEqual([
    'f_1',
    null,
  ]);
});

test('past its size what has no time goes last, and goes', () => {
  const untimed = Array.from({ length: 3000 }, (_, n) => postgresError(fileId, n * 10, null, 'x'.repeat(500)));
  fresh.index.commit({ events: untimed, checkpoints: [] });
  fileId = fresh.index.openFile({ ...OPENING, generation: 1 });
  fill(10);
  prune({ ...ALL, sizeBytes: 1 });
  expect(fresh.index.eventsAfter(0)).toEqual([]);
});

test('an incident goes when it is over for long enough and none of its failures is left, and is not taken in again', () => {
  const incident = (id: string, hoursAgo: number, endUs: number | null): Incident => ({
    id,
    cause: 'server_crash',
    category: 'connection',
    startUs: NOON_US - hoursAgo * HOUR_US,
    endUs,
    summary: 'a backend was killed',
    opening: { fileId, file: 'postgresql.log', line: 7, lines: 1, byteStart: 10, byteEnd: 20 },
    text: 'was terminated by signal 9',
    failures: 1,
    share: 1,
    evidence: [],
  });
  const incidents = [
    incident('n_over', 72, NOON_US - 71 * HOUR_US),
    incident('n_long', 72, NOON_US - HOUR_US),
    incident('n_open', 72, null),
    incident('n_met', 72, NOON_US - 71 * HOUR_US),
  ];
  const verdicts = [verdict('f_old', { at: '2026-11-20T11:00:00.000Z' }), verdict('f_new')];
  const incidentOf = new Map([
    ['f_old', 'n_over'],
    ['f_new', 'n_met'],
  ]);
  const left = (): readonly string[] =>
    fresh.index.incidents.page({}, { limit: 10, cursor: null }, NOON_MS).items.map(({ id }) => id);
  fresh.index.saveRound({ verdicts, incidents, incidentOf }, NOON_MS);
  prune({ ...ALL, days: 1 });
  expect(left()).toEqual(['n_open', 'n_met', 'n_long']);
  // The daemon's landmarks tell it in each round.
  expect(fresh.index.saveRound({ verdicts: [], incidents, incidentOf }, NOON_MS).incidentIds).toEqual([]);
  expect(left()).toEqual(['n_open', 'n_met', 'n_long']);
  prune({ ...ALL, days: 0 }, NOON_MS + 1000);
  expect(left()).toEqual(['n_open']);
  // A clock that was ahead is put back.
  prune(ALL);
  const late = incident('n_late', 1, NOON_US);
  expect(fresh.index.saveRound({ verdicts: [], incidents: [late] }, NOON_MS).incidentIds).toEqual(['n_late']);
});

test('a symptom that is pruned before its verdict was final is no longer waited for', () => {
  fresh.index.commit({ events: [denokvError(fileId, 0, NOON_US - 100 * HOUR_US)], checkpoints: [] });
  expect(fresh.index.openSymptoms()).toHaveLength(1);
  prune({ ...ALL, days: 1 });
  expect(fresh.index.openSymptoms()).toEqual([]);
});

test('an event that comes again, or fuller, is counted once', () => {
  const event = postgresError(fileId, 0, NOON_US);
  fresh.index.commit({ events: [event], checkpoints: [] });
  fresh.index.commit({ events: [event], checkpoints: [] });
  fresh.index.commit({ events: [{ ...event, detail: 'more' }], checkpoints: [] });
  expect(fresh.index.hourly(0, Number.MAX_SAFE_INTEGER)).toEqual([
    { hourUs: NOON_US, topic: 'event', what: 'postgres_error', severity: 'ERROR', sqlstate: '40P01', count: 1 },
  ]);
});

test('an index within its limits is left alone', () => {
  fill(10);
  expect(fresh.index.prune(ALL, NOON_MS)).toBe(false);
  expect(count()).toBe(10);
  const database = new Sqlite(fresh.path, { readonly: true });
  expect(database.pragma('auto_vacuum', { simple: true })).toBe(2);
  database.close();
});
