import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupIndex } from '../../src/store/backup-index.ts';
import { checkIndex } from '../../src/store/check-index.ts';
import { openIndex } from '../../src/store/open-index.ts';
import { checkpointAt, denokvError, NOON_US, OPENING, postgresError, temporaryFolder } from './samples.ts';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'whyd.db');
});

afterEach(() => {
  folder.remove();
});

function fill(events: number): void {
  const index = openIndex(path);
  const fileId = index.openFile(OPENING);
  index.commit({
    events: Array.from({ length: events }, (_, at) => postgresError(fileId, at * 10, NOON_US + at, 'x'.repeat(300))),
    checkpoints: [checkpointAt(events * 10)],
  });
  index.close();
}

function spoil(sql: string): void {
  const database = new Sqlite(path);
  database.pragma('foreign_keys = OFF');
  database.exec(sql);
  database.close();
}

describe('whyd db check', () => {
  test('finds nothing wrong with a sound index, also while it is written', () => {
    fill(100);
    const writer = openIndex(path);
    expect(checkIndex(path)).toEqual([]);
    writer.close();
  });

  test.each([
    ['orphans', `INSERT INTO revisions VALUES ('f_none', 0, 0, '{}')`, 'revisions'],
    ['orphans', 'INSERT INTO open_symptoms VALUES (1, 4711)', '1:4711'],
    ['checkpoints', 'UPDATE files SET marker_bytes = 200, "offset" = 10', OPENING.path],
    ['checkpoints', `UPDATE files SET kind = 'denokv'`, OPENING.path],
  ])('%s: %s', (check, sql, example) => {
    fill(1);
    spoil(sql);
    expect(checkIndex(path)).toMatchObject([{ check, says: expect.stringContaining(example) as string }]);
  });

  test('a checkpoint beyond the end of its file; what is not there says nothing', () => {
    const log = join(folder.path, 'postgresql.log');
    writeFileSync(log, 'x'.repeat(100));
    const { dev, ino, birthtimeNs } = statSync(log, { bigint: true });
    const identity = { dev: String(dev), ino: String(ino), birthtimeNs: String(birthtimeNs) };
    const opening = { ...OPENING, path: log, identity };
    const index = openIndex(path);
    for (const one of [OPENING, opening]) index.openFile(one);
    index.commit({ events: [], checkpoints: [checkpointAt(100), checkpointAt(100, opening)] });
    index.close();
    expect(checkIndex(path)).toEqual([]);
    truncateSync(log, 99);
    expect(checkIndex(path)).toMatchObject([{ check: 'checkpoints', says: expect.stringContaining(log) as string }]);
  });

  test('a page that was overwritten is told, with what to do', () => {
    fill(2000);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(4096, 0xab), 0, 4096, 4096 * 20);
    closeSync(file);
    const [finding] = checkIndex(path);
    expect(finding).toMatchObject({ check: 'integrity' });
    expect(finding?.hint).toContain('restore a backup');
  });

  test('there must be an index', () => {
    expect(() => checkIndex(path)).toThrow('there is no index');
  });
});

describe('whyd db backup', () => {
  test('copies what is there while it is written, for its owner alone', async () => {
    fill(500);
    const writer = openIndex(path);
    const target = join(folder.path, 'copy.db');
    const copied = backupIndex(path, target);
    writer.commit({ events: [postgresError(1, 999_999, NOON_US)], checkpoints: [] });
    await copied;
    writer.close();
    const copy = openIndex(target, { readOnly: true });
    expect(copy.eventsBetween(NOON_US, NOON_US + 500).length).toBeGreaterThanOrEqual(500);
    copy.close();
    expect(checkIndex(target)).toEqual([]);
    expect(statSync(target).mode & 0o777).toBe(0o600);
  });

  test('leaves a file that is there alone', async () => {
    fill(1);
    const target = join(folder.path, 'notes.txt');
    writeFileSync(target, 'mine');
    await expect(backupIndex(path, target)).rejects.toThrow('is there already');
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  test('says where it could not copy to', async () => {
    fill(1);
    const target = join(folder.path, 'nowhere', 'copy.db');
    await expect(backupIndex(path, target)).rejects.toMatchObject({
      code: 'index.copy_failed',
      message: expect.stringContaining(`cannot copy the index to ${target}: ENOENT`) as string,
      hint: expect.stringContaining('a folder that is there') as string,
    });
  });
});

describe('one daemon an index', () => {
  test('a second one is refused with the pid of the first, and let in when that is gone', () => {
    const first = openIndex(path, { exclusive: true });
    expect(() => openIndex(path, { exclusive: true })).toThrow(`pid ${String(process.pid)}`);
    first.close();
    first.close();
    openIndex(path, { exclusive: true }).close();
  });

  test('readers are no daemons', () => {
    const daemon = openIndex(path, { exclusive: true });
    const reader = openIndex(path, { readOnly: true });
    expect(reader.sources()).toEqual([]);
    reader.close();
    daemon.close();
  });

  test('a process that holds the lock is named by its pid, and a killed one leaves none behind', async () => {
    // What lockIndex does, in a process that can be killed.
    const code = `const lock = new (require('better-sqlite3'))(process.argv[1]);
      lock.pragma('locking_mode = EXCLUSIVE'); lock.pragma('user_version = ' + process.pid); console.log('held'); setInterval(() => lock.open, 1000);`;
    const owner = spawn(process.execPath, ['-e', code, `${path}.lock`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(owner, 'exit');
    await once(owner.stdout, 'data');
    expect(() => openIndex(path, { exclusive: true })).toThrow(`pid ${String(owner.pid)}`);
    owner.kill('SIGKILL');
    await exited;
    openIndex(path, { exclusive: true }).close();
  });

  test('what a daemon that was killed while it made its index left behind is taken away', () => {
    const draft = `${path}.4711.new`;
    writeFileSync(draft, 'half an index');
    openIndex(path, { exclusive: true }).close();
    expect(existsSync(draft)).toBe(false);
  });
});

test('a symptom is open from its event on until its verdict is final', () => {
  const index = openIndex(path);
  const fileId = index.openFile(OPENING);
  index.commit({ events: [denokvError(fileId, 7, NOON_US)], checkpoints: [] });
  expect(index.openSymptoms().map(({ citation }) => citation.byteStart)).toEqual([7]);
  index.close();
});
