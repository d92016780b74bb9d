import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Tailer } from '../../src/tailers/tailer.ts';
import type { TailerOptions } from '../../src/tailers/tailer.ts';
import { Ledger } from './ledger.ts';

let folder: string;
let ledger: Ledger;
let tailers: Tailer[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-tailer-'));
  ledger = new Ledger();
  tailers = [];
});

afterEach(async () => {
  for (const tailer of tailers) await tailer.stop();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<TailerOptions> = {}): Tailer {
  const tailer = new Tailer({
    sources: [{ kind: 'denokv', paths: [join(folder, '*.log')] }],
    handler: ledger,
    checkpoints: ledger,
    watch: false,
    pollIntervalMs: 10,
    rescanIntervalMs: 10,
    graceMs: 20,
    ...options,
  });
  ledger.takeCheckpoint = (fileId, safeOffset) => tailer.checkpoint(fileId, safeOffset);
  tailers.push(tailer);
  return tailer;
}

async function received(lines: readonly string[]): Promise<void> {
  await vi.waitFor(
    () => {
      expect(ledger.lines).toEqual(lines);
    },
    { timeout: 10_000, interval: 10 },
  );
}

describe.each([false, true])('Tailer, watch: %s', (watch) => {
  test('reads what is there when it starts, follows what comes, and stops for good', async () => {
    const log = join(folder, 'x.log');
    writeFileSync(log, '1\n');
    const tailer = open({ watch });
    await tailer.start();
    expect(ledger.lines).toEqual(['1']);
    appendFileSync(log, '2\n');
    await received(['1', '2']);
    renameSync(log, join(folder, 'x.log.1'));
    writeFileSync(log, '3\n');
    await received(['1', '2', '3']);
    await tailer.stop();
    await tailer.stop();
    appendFileSync(log, '4\n');
    expect(tailer.status()).toEqual([]);
    await open({ watch }).start();
    await received(['1', '2', '3', '4']);
    expect(ledger.repeats).toBe(0);
  });
});

test('a watcher wakes the tailer long before its next poll', async () => {
  const log = join(folder, 'x.log');
  writeFileSync(log, '');
  await open({ watch: true, pollIntervalMs: 600_000, rescanIntervalMs: 600_000 }).start();
  // The watcher says nothing about its own readiness: write until it has heard one.
  await vi.waitFor(
    () => {
      appendFileSync(log, 'x\n');
      expect(ledger.lines).toContain('x');
    },
    { timeout: 10_000, interval: 50 },
  );
});

test('an abort stops it, before the start or after', async () => {
  writeFileSync(join(folder, 'x.log'), '1\n');
  await open({ signal: AbortSignal.abort() }).start();
  expect(ledger.lines).toEqual([]);
  const abort = new AbortController();
  const tailer = open({ signal: abort.signal, pollIntervalMs: 600_000 });
  await tailer.start();
  expect(ledger.lines).toEqual(['1']);
  abort.abort();
  await tailer.done;
  await tailer.stop();
  expect(tailer.status()).toEqual([]);
});
