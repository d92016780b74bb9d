import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogEvent, SourceKind } from '../../src/domain.ts';
import { LiveJoiner } from '../../src/live/live-joiner.ts';
import { openIndex } from '../../src/store/open-index.ts';
import { WhydIndex } from '../../src/store/whyd-index.ts';
import { eventsOf } from '../correlate/window-of.ts';
import { logsOf } from '../golden/captures.ts';
import { denokvError, NOON_US, postgresError } from '../store/samples.ts';

const MINUTE_MS = 60_000;
const HOUR_US = 3_600_000_000;

let folder = '';
let path = '';
let database: Sqlite.Database;
let index: WhydIndex;
let joiner: LiveJoiner;
let nowMs = 0;
let settled: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-joiner-'));
  path = join(folder, 'whyd.db');
  openIndex(path).close();
  database = new Sqlite(path, { timeout: 20 });
  index = new WhydIndex(database, {});
  nowMs = 1_000_000;
  settled = [];
  joiner = start();
});

afterEach(() => {
  index.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: { readonly hasPostgres?: boolean; readonly maxWindowEvents?: number } = {}): LiveJoiner {
  return new LiveJoiner({
    index,
    identity: {},
    hasPostgres: false,
    nowMs: () => nowMs,
    onSettled: ({ id }) => settled.push(id),
    readPast: () => true,
    ...options,
  });
}

function openFile(name: string, kind: SourceKind = 'denokv'): number {
  const identity = { dev: '1', ino: name, birthtimeNs: '1' };
  return index.openFile({ kind, path: `/logs/${name}`, identity, generation: 0 });
}

/** As the daemon does: committed first, then joined. */
function take(...events: readonly LogEvent[]): void {
  joiner.add(index.commit({ events, checkpoints: [] }));
}

function joinLater(): void {
  nowMs += MINUTE_MS;
  joiner.join();
}

/** Another process writes the index meanwhile. */
function whileBusy(work: () => void): void {
  const other = new Sqlite(path);
  other.exec('BEGIN IMMEDIATE');
  try {
    work();
  } finally {
    other.exec('COMMIT');
    other.close();
  }
}

describe('a busy index', () => {
  it('takes no failure from the joiner that it was told of', () => {
    const file = openFile('denokv.log');
    const events = [0, 100, 200].map((at) => denokvError(file, at, NOON_US + at * 10_000));
    const changed = index.commit({ events, checkpoints: [] });
    whileBusy(() => {
      joiner.add(changed);
    });
    joinLater();
    expect(settled).toHaveLength(3);
    expect(index.meta('logs_errors')).toBe('yes');
  });

  it('takes no request without an answer from what becomes final', async () => {
    const paths = logsOf('proxy-15');
    const kindOf = (log: string): SourceKind =>
      log.endsWith('denokv.log') ? 'denokv' : log.endsWith('access.json.log') ? 'proxy' : 'postgres';
    const ids = paths.map((log) => openFile(log, kindOf(log)));
    take(
      ...(await eventsOf(paths)).map((event): LogEvent => ({
        ...event,
        citation: { ...event.citation, fileId: ids[event.citation.fileId] ?? -1 },
      })),
    );
    joiner.join();
    nowMs += MINUTE_MS;
    whileBusy(() => {
      expect(() => {
        joiner.join();
      }).toThrow('another process holds the index');
    });
    joinLater();
    const count = database.prepare<[], number>('SELECT count(*) FROM dropped WHERE settled = 1').pluck().get();
    expect(count).toBe(database.prepare<[], number>('SELECT count(*) FROM dropped').pluck().get());
    expect(count).toBeGreaterThan(10);
  });

  it('is told again what it did not take, though nothing new comes', () => {
    take(denokvError(openFile('denokv.log'), 0, NOON_US));
    whileBusy(() => {
      expect(() => {
        joiner.join();
      }).toThrow('another process holds the index');
    });
    nowMs += 250;
    joiner.join();
    expect(index.failures({}, { limit: 10, cursor: null }).items).toHaveLength(1);
  });
});

describe('a copy of a log that is read too', () => {
  it('leaves no failure open that was final before', () => {
    take(denokvError(openFile('denokv.log'), 0, NOON_US));
    joinLater();
    // Its first reading leaves the window.
    take(denokvError(openFile('later.log'), 0, NOON_US + HOUR_US));
    joinLater();
    take(denokvError(openFile('denokv.log.copy'), 0, NOON_US));
    joinLater();
    expect(settled).toHaveLength(2);
    expect(index.openSymptoms()).toEqual([]);
  });
});

describe('a window that holds too much', () => {
  it('settles the failures that it lets go of', () => {
    joiner = start({ hasPostgres: true, maxWindowEvents: 10 });
    const denokv = openFile('denokv.log');
    const postgres = openFile('postgres.log', 'postgres');
    // It waits for its entry, which may come late.
    take(denokvError(denokv, 0, NOON_US));
    joiner.join();
    take(...Array.from({ length: 10 }, (_, n) => postgresError(postgres, n * 100, NOON_US + 5_000_000 + n * 1000)));
    joiner.join();
    expect(settled).toHaveLength(1);
    expect(index.openSymptoms()).toEqual([]);
  });

  it('lets go of what is oldest by the logs: a small one is read to its end long before a large one', () => {
    joiner = start({ hasPostgres: true, maxWindowEvents: 10 });
    const denokv = openFile('denokv.log');
    const postgres = openFile('postgres.log', 'postgres');
    take(denokvError(denokv, 0, NOON_US));
    joiner.join();
    const earlier = (n: number): number => NOON_US - HOUR_US + n * 1000;
    take(...Array.from({ length: 20 }, (_, n) => postgresError(postgres, n * 100, earlier(n))));
    joiner.join();
    expect(settled).toEqual([]);
    const later = (n: number): number => NOON_US + 5_000_000 + n * 1000;
    take(...Array.from({ length: 20 }, (_, n) => postgresError(postgres, 5000 + n * 100, later(n))));
    joiner.join();
    expect(settled).toHaveLength(1);
  });

  it('is not made by a failure that was left open long ago', () => {
    const denokv = openFile('denokv.log');
    const postgres = openFile('postgres.log', 'postgres');
    const later = Array.from({ length: 100 }, (_, n) => postgresError(postgres, n * 100, NOON_US + n * HOUR_US));
    index.commit({ events: [denokvError(denokv, 0, NOON_US), ...later], checkpoints: [] });
    const read = vi.spyOn(index, 'eventsBetween');
    joiner = start({ maxWindowEvents: 10 });
    expect(read.mock.results.flatMap(({ value }) => value as LogEvent[])).toHaveLength(11);
    joinLater();
    expect(settled).toHaveLength(1);
    expect(index.openSymptoms()).toEqual([]);
  });
});
