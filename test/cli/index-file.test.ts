import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openIndex } from '../../src/store/open-index.ts';
import { COMMAND, isBuilt } from '../chaos/daemon-process.ts';
import { FedDaemon } from '../inlets/fed-daemon.ts';

const ENTRY = '2026-11-23 10:00:00.000 UTC [1] denokv@kv ERROR:  number ';

let daemon: FedDaemon;
let log: string;

beforeEach(() => {
  daemon = new FedDaemon();
  log = join(daemon.folder, 'postgresql.log');
  writeFileSync(log, Array.from({ length: 50 }, (_, at) => `${ENTRY}${String(at)}\n`).join(''));
});

afterEach(async () => {
  await daemon.close();
});

function whyd(...args: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, out: stdout, err: stderr };
}

/** An index of a daemon that has run and was stopped. */
async function makeIndex(): Promise<void> {
  await daemon.start([`{ kind: postgres, path: ${log} }`]);
  await daemon.untilMessages(Array.from({ length: 50 }, (_, at) => `number ${String(at)}`));
  await daemon.kill('SIGTERM');
}

function change(sql: string): void {
  const database = new Sqlite(daemon.index);
  database.pragma('foreign_keys = OFF');
  database.exec(sql);
  database.close();
}

async function untilSource(expected: object): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await daemon.sources())[0]).toMatchObject(expected);
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** In the middle of the file lie pages of tables and indexes. */
function scribble(): void {
  const bytes = readFileSync(daemon.index);
  const middle = Math.floor(bytes.length / 8192) * 4096;
  writeFileSync(daemon.index, bytes.fill(0x5a, middle, middle + 4096));
}

describe.skipIf(!isBuilt)('the built program', { timeout: 120_000 }, () => {
  test.each([
    [
      'an index of a newer whyd',
      () => {
        change('PRAGMA user_version = 4711');
      },
      'has schema 4711',
    ],
    ['an index whose page was overwritten', scribble, 'is damaged'],
    [
      'an index without its end',
      () => {
        truncateSync(daemon.index, statSync(daemon.index).size - 8192);
      },
      'is damaged',
    ],
    [
      'a database of another program',
      () => {
        change('PRAGMA application_id = 1');
      },
      'of another program',
    ],
    [
      'a text',
      () => {
        writeFileSync(daemon.index, 'dear diary\n'.repeat(100));
      },
      'nor any SQLite database',
    ],
  ])('refuses to run on %s, and leaves it as it is', (_, spoil, says) => {
    openIndex(daemon.index).close();
    daemon.configure([`{ kind: postgres, path: ${log} }`]);
    spoil();
    const before = readFileSync(daemon.index);
    const { status, err } = whyd('run', '--config', join(daemon.folder, 'whyd.yaml'));
    expect(err).toContain(says);
    expect(err).toContain('hint: ');
    expect(status).toBe(1);
    expect(readFileSync(daemon.index).equals(before)).toBe(true);
  });

  test('db check: sound, truncated logs, orphaned rows, an overwritten page', async () => {
    await makeIndex();
    const check = (): ReturnType<typeof whyd> => whyd('db', 'check', '--index', daemon.index);
    expect(check()).toEqual({ status: 0, out: `${daemon.index}: sound\n`, err: '' });
    truncateSync(log, 100);
    expect(check()).toMatchObject({ status: 1, out: expect.stringContaining('1 checkpoints lie beyond') as string });
    change('DELETE FROM files');
    expect(check()).toMatchObject({ status: 1, out: expect.stringContaining('orphans: ') as string });
    scribble();
    const damaged = check();
    expect(damaged).toMatchObject({ status: 1, out: expect.stringContaining('integrity: ') as string });
    expect(damaged.out).toContain('hint: restore a backup');
  });

  test('a writer that holds the index: the daemon answers, says so, and goes on when it lets go', async () => {
    await daemon.start([`{ kind: postgres, path: ${log} }`]);
    const expected = Array.from({ length: 51 }, (_, at) => `number ${String(at)}`);
    await daemon.untilMessages(expected.slice(0, 50));
    const other = new Sqlite(daemon.index);
    other.exec('BEGIN IMMEDIATE');
    writeFileSync(log, `${ENTRY}50\n`, { flag: 'a' });
    await untilSource({
      state: 'failing',
      reason: 'another process holds the index',
      hint: expect.stringContaining('nothing is lost') as string,
    });
    other.exec('ROLLBACK');
    other.close();
    await daemon.untilMessages(expected);
    await untilSource({ state: 'following', reason: null });
  });
});
