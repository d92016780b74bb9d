import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LogEvent } from '../../src/domain.ts';
import { Ingest } from '../../src/live/ingest.ts';
import { openIndex } from '../../src/store/open-index.ts';
import { WhydIndex } from '../../src/store/whyd-index.ts';
import { Tailer } from '../../src/tailers/tailer.ts';

const ENTRY = '2026-11-23 10:00:00.000 UTC [1] denokv@kv ';

let folder: string;
let log: string;
let database: Sqlite.Database;
let index: WhydIndex;
let tailer: Tailer;
let ingest: Ingest;
let handedOut: LogEvent[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-trouble-'));
  log = join(folder, 'postgresql.log');
  writeFileSync(log, `${ENTRY}ERROR:  0\n${ENTRY}ERROR:  1\n`);
  const path = join(folder, 'whyd.db');
  openIndex(path).close();
  database = new Sqlite(path, { timeout: 20 });
  index = new WhydIndex(database, {});
  await follow();
});

afterEach(async () => {
  await tailer.stop();
  index.close();
  rmSync(folder, { recursive: true, force: true });
});

async function follow(): Promise<void> {
  handedOut = [];
  const source = { kind: 'postgres' as const, paths: [log], linePrefix: null, timezone: null };
  ingest = new Ingest({
    index,
    sources: [source],
    files: {
      checkpoint: (fileId, safeOffset) => tailer.checkpoint(fileId, safeOffset),
      countLines: (fileId, from, to) => tailer.countLines(fileId, from, to),
    },
    sinceUs: null,
    startedMs: 0,
    onEvents: (events) => {
      handedOut.push(...events);
    },
    nowMs: Date.now,
  });
  tailer = new Tailer({
    sources: [source],
    handler: ingest,
    checkpoints: {
      byIdentity: (identity) => index.checkpointByIdentity(identity),
      byPath: (one) => index.checkpointByPath(one),
      inFolder: (one) => index.checkpointsInFolder(one),
      generations: (identity) => index.generations(identity),
      openedAtMs: (checkpoint) => index.openedAtMs(checkpoint),
    },
    watch: false,
    pollIntervalMs: 5,
    rescanIntervalMs: 5,
  });
  await tailer.start();
}

async function messagesAre(...messages: readonly string[]): Promise<void> {
  await vi.waitFor(
    () => {
      try {
        ingest.flushIdle();
      } catch {
        // As in the daemon: it is tried again.
      }
      const stored = index
        .eventsAfter(0)
        .map(({ event }) => ('message' in event ? event.message.slice(0, 8) : event.kind));
      expect(stored).toEqual(messages);
    },
    { timeout: 10_000, interval: 20 },
  );
}

async function healthIs(expected: object): Promise<void> {
  await vi.waitFor(
    () => {
      expect(tailer.status()[0]).toMatchObject(expected);
    },
    { timeout: 5000, interval: 10 },
  );
}

describe('trouble with the index', () => {
  test('fault 16: a full disk: the position is held, the health says why, and all is there once there is space', async () => {
    await messagesAre('0', '1');
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${String(pages + 1)}`);
    const long = 'x'.repeat(50_000);
    appendFileSync(log, `${ENTRY}ERROR:  2${long}\n${ENTRY}ERROR:  3${long}\n${ENTRY}ERROR:  4\n`);
    await healthIs({
      state: 'failing',
      reason: 'the disk that holds the index is full',
      hint: expect.stringContaining('nothing is lost') as string,
    });
    appendFileSync(log, `${ENTRY}ERROR:  5\n`);
    database.pragma('max_page_count = 1000000');
    await messagesAre('0', '1', '2xxxxxxx', '3xxxxxxx', '4', '5');
    await healthIs({ state: 'following', reason: null });
    expect(handedOut.map(({ citation }) => citation.line)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('fault 16: a busy index: the same', async () => {
    await messagesAre('0', '1');
    const other = new Sqlite(join(folder, 'whyd.db'));
    other.exec('BEGIN IMMEDIATE');
    appendFileSync(log, `${ENTRY}ERROR:  2\n`);
    await healthIs({ state: 'failing', reason: 'another process holds the index' });
    other.exec('COMMIT');
    other.close();
    await messagesAre('0', '1', '2');
    await healthIs({ state: 'following', reason: null });
  });

  test('fault 15: ended between the parser and the commit, a run leaves nothing half', async () => {
    await messagesAre('0', '1');
    for (let round = 2; round < 8; round += 1) {
      const commit = vi.spyOn(index, 'commit').mockImplementationOnce(() => {
        throw new Error('killed');
      });
      appendFileSync(log, `${ENTRY}ERROR:  ${String(round)}\n${ENTRY}DETAIL:  of ${String(round)}\n`);
      await vi.waitFor(
        () => {
          expect(commit).toHaveBeenCalled();
        },
        { timeout: 5000, interval: 2 },
      );
      await tailer.stop();
      commit.mockRestore();
      await follow();
    }
    await messagesAre('0', '1', '2', '3', '4', '5', '6', '7');
    // What is read again is not counted again, nor what was handed out before it was whole.
    expect(ingest.describe(tailer.status())[0]?.counts.events).toBe(8);
    const details = index.eventsAfter(0).map(({ event }) => ('detail' in event ? event.detail : null));
    expect(details.slice(2)).toEqual(['of 2', 'of 3', 'of 4', 'of 5', 'of 6', 'of 7']);
    expect(index.eventsAfter(0).map(({ event }) => event.citation.line)).toEqual([1, 2, 3, 5, 7, 9, 11, 13]);
  });
});
