import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkIndex } from '../../src/store/check-index.ts';
import { openIndex } from '../../src/store/open-index.ts';
import { COMMAND, isBuilt } from '../chaos/daemon-process.ts';
import { FedDaemon } from '../inlets/fed-daemon.ts';

const ENTRY = '2026-11-23 10:00:00.000 UTC [1] denokv@kv ERROR:  number ';
const LONG = 'x'.repeat(2000);

let daemon: FedDaemon;
let disk: string;
let log: string;

function mount(...args: readonly string[]): boolean {
  return spawnSync('mount', args, { stdio: 'ignore' }).status === 0;
}

const canMount = ((): boolean => {
  const probe = new FedDaemon().folder;
  const mounted = mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe);
  if (mounted) spawnSync('umount', ['-l', probe]);
  rmSync(probe, { recursive: true, force: true });
  return mounted;
})();
if (!canMount) console.warn('skipped: a file system of a few megabytes cannot be mounted here (that needs root)');

beforeEach(() => {
  daemon = new FedDaemon();
  disk = join(daemon.folder, 'disk');
  log = join(daemon.folder, 'postgresql.log');
  daemon.index = join(disk, 'whyd.db');
  mkdirSync(disk);
  writeFileSync(log, '');
});

afterEach(async () => {
  await daemon.kill('SIGTERM');
  spawnSync('umount', ['-l', disk], { stdio: 'ignore' });
  await daemon.close();
});

function write(from: number, to: number): void {
  const lines = Array.from({ length: to - from }, (_, at) => `${ENTRY}${String(from + at)} ${LONG}\n`);
  appendFileSync(log, lines.join(''));
}

async function untilSource(expected: object): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await daemon.sources())[0]).toMatchObject(expected);
    },
    { timeout: 60_000, interval: 100 },
  );
}

function numbers(): readonly number[] {
  const index = openIndex(daemon.index, { readOnly: true });
  try {
    const events = index.eventsBetween(0, Number.MAX_SAFE_INTEGER);
    return events.flatMap((event) =>
      event.kind === 'postgres_error' ? [Number(/^number (\d+)/.exec(event.message)?.[1])] : [],
    );
  } finally {
    index.close();
  }
}

describe.skipIf(!canMount || !isBuilt)('a disk that is really full', { timeout: 180_000 }, () => {
  test('is told, holds the position, and nothing is lost or twice once there is space', async () => {
    expect(mount('-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk)).toBe(true);
    await daemon.start([`{ kind: postgres, path: ${log} }`]);
    write(0, 2000);
    await untilSource({
      state: 'failing',
      reason: 'the disk that holds the index is full',
      hint: expect.stringContaining('nothing is lost') as string,
    });
    write(2000, 2010);
    await daemon.kill('SIGKILL');
    fillUp();
    const refused = spawnSync(process.execPath, [COMMAND, 'run', '--config', join(daemon.folder, 'whyd.yaml')], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(`the disk that holds the index ${daemon.index} is full`);
    rmSync(join(disk, 'rest'));
    expect(mount('-o', 'remount,size=64m', 'tmpfs', disk)).toBe(true);
    await daemon.start([`{ kind: postgres, path: ${log} }`]);
    await untilSource({ state: 'following', reason: null, lagBytes: 0 });
    await vi.waitFor(
      () => {
        expect(numbers()).toEqual(Array.from({ length: 2010 }, (_, number) => number));
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(checkIndex(daemon.index)).toEqual([]);
  });
});

function fillUp(): void {
  for (const bytes of [1 << 16, 4096, 1]) {
    try {
      for (;;) appendFileSync(join(disk, 'rest'), Buffer.alloc(bytes));
    } catch {
      // Full to the last block of this size.
    }
  }
  expect(statfsSync(disk).bavail).toBe(0);
  expect(existsSync(daemon.index)).toBe(true);
}
