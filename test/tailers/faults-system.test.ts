import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Tailer } from '../../src/tailers/tailer.ts';
import { HeldFile } from '../../src/tailers/held-file.ts';
import { Bench } from './bench.ts';
import { Ledger } from './ledger.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => {
  vi.restoreAllMocks();
  bench.close();
});

/** Makes the reads of files fail as a bad disk or a lost mount does. */
function failing(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const MAX_EVENTS = '/proc/sys/fs/inotify/max_queued_events';
const WAIT = { timeout: 10_000, interval: 5 };

function followLog(path: string, ledger: Ledger, watch: boolean): Tailer {
  const tailer = new Tailer({
    sources: [{ kind: 'postgres', paths: [path] }],
    handler: ledger,
    checkpoints: ledger,
    watch,
    pollIntervalMs: 5,
    rescanIntervalMs: 5,
    graceMs: 5,
  });
  ledger.takeCheckpoint = (fileId, safeOffset) => tailer.checkpoint(fileId, safeOffset);
  return tailer;
}

describe('the system around the files', () => {
  test('fault 16: a full disk or a busy index holds the position, says so, and loses nothing', async () => {
    bench.create('1\n');
    await bench.settle();
    for (const reason of ['database or disk is full', 'database is locked']) {
      bench.ledger.refuse = new Error(reason);
      bench.append('x\n');
      await bench.settle();
      expect(bench.status()).toMatchObject({ state: 'failing', reason });
      bench.ledger.refuse = null;
      await bench.settle();
    }
    expect(bench.ledger.lines).toEqual(['1', 'x', 'x']);
    expect(bench.ledger.repeats).toBe(0);
  });

  test.skipIf(process.getuid?.() === 0)('fault 27: permission is lost and regained', async () => {
    writeFileSync(bench.path(), '1\n', { mode: 0o000 });
    await bench.settle();
    expect(bench.status()).toMatchObject({ state: 'failing', reason: 'permission denied' });
    fs.chmodSync(bench.path(), 0o600);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1']);
  });

  test('fault 27, where the tests run as root: an open that is refused is shown and tried again', async () => {
    bench.create('1\n');
    const open = vi.spyOn(HeldFile.prototype, 'open').mockImplementation(() => {
      throw failing('EACCES');
    });
    await bench.settle();
    expect(bench.status()).toMatchObject({ state: 'failing', reason: 'permission denied', fileId: null });
    open.mockRestore();
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1']);
  });

  test.skipIf(!fs.existsSync(MAX_EVENTS))('fault 28: more events than the inotify queue holds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whyd-faults-'));
    const [log, other] = [join(folder, 'x.log'), join(folder, 'other')];
    const ledger = new Ledger();
    const tailer = followLog(log, ledger, true);
    try {
      fs.writeFileSync(log, '');
      fs.writeFileSync(other, '');
      await tailer.start();
      // The watch stands once an event has come through, and the queue is not read while this goes on; each renaming is two events.
      await vi.waitFor(() => {
        fs.appendFileSync(log, 'x\n');
        expect(ledger.lines).toContain('x');
      }, WAIT);
      const renamings = Number(fs.readFileSync(MAX_EVENTS, 'utf8')) / 2 + 1000;
      for (let count = 0; count < renamings; count += 1)
        fs.renameSync(count % 2 === 0 ? other : `${other}.1`, count % 2 === 0 ? `${other}.1` : other);
      fs.renameSync(log, `${log}.1`);
      fs.appendFileSync(`${log}.1`, 'old\n');
      fs.writeFileSync(log, 'new\n');
      await vi.waitFor(() => {
        expect(ledger.lines.slice(-2)).toEqual(['old', 'new']);
      }, WAIT);
    } finally {
      await tailer.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('fault 29, fault 30: without any watcher all is read, by polling alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whyd-faults-'));
    const ledger = new Ledger();
    const path = join(folder, 'x.log');
    const tailer = followLog(path, ledger, false);
    try {
      fs.writeFileSync(path, '');
      await tailer.start();
      const lines = Array.from({ length: 20 }, (_, line) => String(line));
      for (const line of lines) {
        fs.appendFileSync(path, `${line}\n`);
        if (line === '9') fs.renameSync(path, `${path}.1`);
      }
      await vi.waitFor(() => {
        expect(ledger.lines).toEqual(lines);
      }, WAIT);
    } finally {
      await tailer.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('fault 32: EIO and ESTALE are shown and outlived', async () => {
    bench.create('1\n');
    await bench.settle();
    for (const [code, reason] of [
      ['EIO', 'input/output error'],
      ['ESTALE', 'stale network file handle'],
    ] as const) {
      bench.append(`${code}\n`);
      const read = vi.spyOn(HeldFile.prototype, 'read').mockImplementation(() => {
        throw failing(code);
      });
      await bench.settle();
      expect(bench.status()).toMatchObject({ state: 'failing', reason });
      expect(bench.status()?.hint).not.toBeNull();
      read.mockRestore();
      await bench.settle();
    }
    expect(bench.ledger.lines).toEqual(['1', 'EIO', 'ESTALE']);
  });

  test('fault 32: short reads: a file is read a few bytes at a time', async () => {
    const text = Array.from({ length: 50 }, (_, line) => `line ${String(line)}`);
    for (const line of text) {
      bench.append(line.slice(0, 3));
      await bench.look();
      bench.append(`${line.slice(3)}\n`);
      await bench.look();
    }
    await bench.settle();
    expect(bench.ledger.lines).toEqual(text);
  });

  test('fault 38: 1,000 files, one of them hot: none waits for it', async () => {
    const crowd = new Bench(['*.log']);
    try {
      crowd.create(`${'h'.repeat(99)}\n`.repeat(20_000), 'hot.log');
      for (let file = 0; file < 999; file += 1) crowd.create(`${String(file)}\n`, `${String(file)}.log`);
      await crowd.look();
      expect(new Set(crowd.ledger.lines.filter((line) => /^\d+$/.test(line))).size).toBe(999);
      expect(crowd.status('hot.log')?.lagBytes).toBeGreaterThan(0);
    } finally {
      crowd.close();
    }
  });

  test('fault 39: a database that stalls for long delays and loses nothing', async () => {
    bench.create('1\n');
    bench.ledger.refuse = new Error('database is locked');
    for (let round = 0; round < 50; round += 1) {
      bench.append(`${'x'.repeat(round)}\n`);
      await bench.look();
      bench.pass(1000);
    }
    bench.ledger.refuse = null;
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', ...Array.from({ length: 50 }, (_, round) => 'x'.repeat(round))]);
  });

  test.skipIf(!fs.existsSync('/proc/self/fd'))('fault 40: descriptors stay flat through many rotations', async () => {
    const held = (): number => readdirSync('/proc/self/fd').length;
    bench.create('0\n');
    await bench.settle();
    const before = held();
    for (let round = 0; round < 60; round += 1) {
      if (round % 2 === 0) {
        bench.rotate();
        bench.create(`${String(round)}\n`);
      } else {
        bench.copyTruncate();
        bench.append(`${String(round)}\n`);
      }
      await bench.settle();
      bench.pass(2000);
      if (round > 5) rmSync(bench.path(`x.log.${String(round - 4)}`), { force: true });
      await bench.settle();
    }
    expect(held()).toBe(before);
    expect(bench.ledger.lines).toHaveLength(61);
  });
});
