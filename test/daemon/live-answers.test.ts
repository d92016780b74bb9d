import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDaemon, type RunningDaemon } from '../../src/daemon.ts';
import type { IncidentRecord, Page, SourceStatus } from '../../src/domain.ts';
import { goldenOf, logsOf } from '../golden/captures.ts';

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

async function start(): Promise<{ readonly settled: () => number; readonly get: <T>(path: string) => Promise<T> }> {
  let settled = 0;
  const source = { linePrefix: null, timezone: null };
  const running = await startDaemon(
    {
      file: null,
      sources: [
        { kind: 'denokv', paths: [join(folder, 'denokv.log')], ...source },
        { kind: 'postgres', paths: [join(folder, '*.csv')], ...source },
      ],
      identity: { user: null, database: null, application: null },
      index: { path: join(folder, 'whyd.db'), keep: { days: 10_000, sizeBytes: 2 ** 30 } },
      api: { listen: { host: '127.0.0.1', port: 0 }, tokenFile: join(folder, 'token') },
      sinceMs: null,
      warnings: [],
    },
    { onFailure: () => (settled += 1), onMessage: () => undefined, signal: new AbortController().signal },
    { version: '0', watch: false },
  );
  daemon = running;
  const headers = { authorization: `Bearer ${running.token}` };
  return {
    settled: () => settled,
    get: async <T>(path: string) => (await (await fetch(`${running.url}${path}`, { headers })).json()) as T,
  };
}

it('tells how much an incident explains, and of each source whose health changes', { timeout: 60_000 }, async () => {
  writeFileSync(join(folder, 'denokv.log'), '');
  const { settled, get } = await start();
  const stream = await fetch(`${daemon?.url ?? ''}/v1/stream`, {
    headers: { authorization: `Bearer ${daemon?.token ?? ''}` },
  });
  let heard = '';
  const listening = (async () => {
    for await (const bytes of stream.body ?? []) heard += Buffer.from(bytes).toString();
  })().catch(() => undefined);
  for (const path of logsOf(CAPTURE)) {
    const name = path.endsWith('denokv.log') ? 'denokv.log' : `p${String(path.length)}${path.slice(-8)}`;
    appendFileSync(join(folder, name), readFileSync(path));
  }
  await expect.poll(settled, { timeout: 40_000, interval: 200 }).toBe(goldenOf(CAPTURE).length);
  const { items } = await get<Page<IncidentRecord>>('/v1/incidents');
  expect(items.map(({ cause }) => cause)).toContain('disk_full');
  for (const { failures, share } of items) expect([failures > 0, share > 0 && share <= 1]).toEqual([true, true]);
  // The log that came after the start, once it was known for what it is.
  const isToldOf = (kind: string) =>
    heard
      .split('\n\n')
      .filter((frame) => frame.includes('\nevent: source\n'))
      .map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 6)) as SourceStatus)
      .some((source) => source.kind === kind && source.detection !== null);
  await expect.poll(() => [isToldOf('denokv'), isToldOf('postgres')], { timeout: 10_000 }).toEqual([true, true]);
  await daemon?.close();
  await listening;
});
