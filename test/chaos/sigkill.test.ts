import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkIndex } from '../../src/store/check-index.ts';
import { difference, readIndex, readWhole, SAME } from './compare.ts';
import { DaemonProcess, isBuilt } from './daemon-process.ts';

/** The long run is asked for with WHYD_CHAOS_KILLS; every seed is printed and can be given back with WHYD_CHAOS_SEED. */
const KILLS = Number(process.env['WHYD_CHAOS_KILLS'] ?? 20);
const SEED = Number(process.env['WHYD_CHAOS_SEED'] ?? 1 + (Date.now() % 1_000_000));
const WRITER = fileURLToPath(new URL('./log-writer.mjs', import.meta.url));
const PAUSE_MS = 12;
/** Most kills fall between the start (about 400 ms of loading modules) and a few commits later; some long after. */
const LIVES_MS = [250, 350, 450, 550, 700, 1300] as const;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-chaos-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function writeConfig(): string {
  const path = join(folder, 'whyd.yaml');
  const logs = join(folder, 'logs');
  const lines = [
    'sources:',
    `  - { kind: denokv, path: ${join(logs, 'denokv.log')} }`,
    `  - { kind: postgres, path: ${join(logs, 'postgresql.log')} }`,
    `index: { path: ${join(folder, 'whyd.db')} }`,
    'api: { listen: 127.0.0.1:0 }',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** Older files before newer ones, denokv's before Postgres'. */
function allLogs(): string[] {
  const logs = join(folder, 'logs');
  const number = (name: string): number => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  const names = readdirSync(logs).sort((a, b) => a.localeCompare(b, 'en') || 0);
  return ['denokv.log', 'postgresql.log'].flatMap((base) =>
    names
      .filter((name) => name.startsWith(base))
      .sort((a, b) => number(b) - number(a))
      .map((name) => join(logs, name)),
  );
}

/** What was rotated away before whyd first saw a log is not whyd's to read: each log is seen once before anything happens to it. */
async function makeKnown(config: string): Promise<void> {
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  for (const name of ['denokv.log', 'postgresql.log']) writeFileSync(join(logs, name), '');
  const daemon = new DaemonProcess(config);
  await daemon.untilSaid(/listening/);
  await daemon.kill('SIGTERM');
}

async function untilQuiet(path: string, expected: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { failures, open } = readIndex(path);
    if (failures.length >= expected && open === 0) return;
    await sleep(200);
  }
}

test.skipIf(!isBuilt)(
  `after ${String(KILLS)} kills at random moments the index holds what a whole reading finds (seed ${String(SEED)})`,
  async () => {
    const config = writeConfig();
    const index = join(folder, 'whyd.db');
    await makeKnown(config);
    const averageLifeMs = LIVES_MS.reduce((sum, ms) => sum + ms, 0) / LIVES_MS.length;
    const errors = Math.ceil((KILLS * averageLifeMs) / (PAUSE_MS + 20));
    const writer = spawn(
      process.execPath,
      [WRITER, join(folder, 'logs'), String(errors), String(SEED), String(PAUSE_MS)],
      { stdio: 'inherit' },
    );
    const written = once(writer, 'exit');
    try {
      for (let kill = 0; kill < KILLS; kill += 1) {
        const daemon = new DaemonProcess(config);
        await sleep((LIVES_MS[(kill * 5 + SEED) % LIVES_MS.length] ?? 500) + (kill % 10) * 13);
        expect(daemon.exitCode, daemon.said).toBeNull();
        await daemon.kill();
      }
      const last = new DaemonProcess(config);
      try {
        expect(await written).toEqual([0, null]);
        const whole = await readWhole(allLogs());
        await untilQuiet(index, whole.failures.length);
        const { gaps, open, events, failures } = readIndex(index);
        expect({ gaps, open }).toEqual({ gaps: [], open: 0 });
        expect(difference(events, whole.events)).toEqual(SAME);
        expect(difference(failures, whole.failures)).toEqual(SAME);
        expect(failures).toHaveLength(errors);
        expect(checkIndex(index)).toEqual([]);
      } finally {
        await last.kill('SIGTERM');
      }
    } finally {
      writer.kill();
    }
  },
  120_000 + KILLS * 3000,
);

test.skipIf(!isBuilt)('a second daemon on the same index is refused, with the pid of the first', async () => {
  const config = writeConfig();
  await makeKnown(config);
  const first = new DaemonProcess(config);
  await first.untilSaid(/listening/);
  const second = new DaemonProcess(config);
  await expect(second.untilSaid(/listening/)).rejects.toThrow(
    `another whyd (pid ${String(first.pid)}) writes the index`,
  );
  await first.kill();
  const third = new DaemonProcess(config);
  await third.untilSaid(/listening/);
  await third.kill('SIGTERM');
});
