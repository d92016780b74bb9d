import { appendFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { startDaemon, type RunningDaemon } from '../../src/daemon.ts';
import type { Verdict } from '../../src/domain.ts';
import { goldenOf, logsOf } from '../golden/captures.ts';

const DAY_MS = 86_400_000;
const CAPTURE = 'csvlog-16';
let folder = '';
let daemon: RunningDaemon | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-live-'));
});

afterEach(async () => {
  await daemon?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The capture as another year's: whatever today is, it lies before every horizon. */
function logs(): { readonly name: string; readonly text: string }[] {
  return logsOf(CAPTURE).map((path) => ({
    name: path.endsWith('denokv.log') ? 'denokv.log' : `postgres-${String(path.length)}-${path.slice(-10)}`,
    text: readFileSync(path, 'utf8').replaceAll('2026-11-23', '2021-03-04'),
  }));
}

function config(): Config {
  return {
    file: null,
    sources: [
      { kind: 'denokv', paths: [join(folder, 'denokv.log')], linePrefix: null, timezone: null },
      { kind: 'postgres', paths: [join(folder, 'postgres-*')], linePrefix: null, timezone: null },
    ],
    identity: { user: null, database: null, application: null },
    index: { path: join(folder, 'whyd.db'), keep: { days: 10_000, sizeBytes: 2 ** 30 } },
    api: { listen: { host: '127.0.0.1', port: 0 }, tokenFile: join(folder, 'token') },
    sinceMs: DAY_MS,
    warnings: [],
  };
}

let said: string[] = [];

/** Starts the daemon; the list fills with what settles. */
async function start(sinceMs: number | null = DAY_MS): Promise<Verdict[]> {
  said = [];
  const settled: Verdict[] = [];
  const signal = new AbortController().signal;
  const hooks = {
    onFailure: (verdict: Verdict) => settled.push(verdict),
    onMessage: (message: string) => said.push(message),
    signal,
  };
  daemon = await startDaemon({ ...config(), sinceMs }, hooks, { version: '0', watch: false });
  return settled;
}

async function health(): Promise<unknown> {
  const answer: unknown = await (await fetch(`${daemon?.url ?? ''}/v1/health`)).json();
  return answer !== null && typeof answer === 'object' && 'status' in answer ? answer.status : null;
}

describe('back-fill', () => {
  it('leaves out what was old before the start, and nothing that is written after it', async () => {
    const expected = goldenOf(CAPTURE).length;
    const all = logs();
    // There at the start, and older than the horizon: history that nobody asked for.
    writeFileSync(join(folder, 'denokv.log'), all.find(({ name }) => name === 'denokv.log')?.text ?? '');
    const settled = await start();
    for (const { name, text } of all) appendFileSync(join(folder, name), text);
    await expect.poll(() => settled.length, { timeout: 20_000, interval: 200 }).toBe(expected);
    // The history would have settled with them.
    expect(new Set(settled.map(({ id }) => id)).size).toBe(expected);
    expect(settled.filter(({ postgres }) => postgres !== null).length).toBeGreaterThan(expected * 0.9);
  });
});

describe('a first start that finds nothing young enough', () => {
  it('says so once, with what was passed over and how to have it; a second start is silent', async () => {
    for (const { name, text } of logs()) writeFileSync(join(folder, name), text);
    const old = join(folder, 'postgres-old.log');
    writeFileSync(old, 'x\n');
    utimesSync(old, 1000, 1000);
    await start();
    const summary = (): string[] => said.filter((message) => message.startsWith('the logs hold'));
    await expect.poll(summary, { timeout: 40_000, interval: 200 }).toHaveLength(1);
    expect(summary()[0]).toMatch(
      /; left out: older events \(\d+, the newest of 2021-03-04T.*\), and files that nobody wrote to since \(1\) \(.*--since all\)$/,
    );
    await daemon?.close();
    await start();
    await sleep(5000);
    expect(summary()).toEqual([]);
  });
});

describe('a first start that ended early', () => {
  it('is gone on with: what was rotated away before it is read', async () => {
    const all = logs();
    for (const { name, text } of all) if (name !== 'denokv.log') writeFileSync(join(folder, name), text);
    await start(null);
    await expect.poll(health, { timeout: 10_000 }).toBe('ok');
    await daemon?.close();
    for (const { name, text } of all) if (name === 'denokv.log') writeFileSync(join(folder, 'denokv.log.1'), text);
    writeFileSync(join(folder, 'denokv.log'), '');
    const settled = await start(null);
    await expect.poll(() => settled.length, { timeout: 20_000, interval: 200 }).toBe(goldenOf(CAPTURE).length);
  });
});

describe('a Postgres log that comes late', () => {
  it('is waited for by the failures that it should explain', async () => {
    const all = logs();
    const settled = await start();
    for (const { name, text } of all) if (name === 'denokv.log') appendFileSync(join(folder, name), text);
    await sleep(5000);
    expect(settled).toEqual([]);
    for (const { name, text } of all) if (name !== 'denokv.log') appendFileSync(join(folder, name), text);
    await expect.poll(() => settled.length, { timeout: 20_000, interval: 200 }).toBe(goldenOf(CAPTURE).length);
    expect(settled.filter(({ postgres, root }) => postgres !== null || root !== null)).toHaveLength(settled.length);
  });
});
