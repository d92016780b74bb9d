import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDaemon, type RunningDaemon } from '../../src/daemon.ts';
import type { IncidentRecord, Page, SourceStatus } from '../../src/domain.ts';
import { logsOf } from '../golden/captures.ts';

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

interface Started {
  readonly url: string;
  readonly token: string;
  readonly get: <T>(path: string) => Promise<T>;
}

async function start(): Promise<Started> {
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
    { onFailure: () => undefined, onMessage: () => undefined, signal: new AbortController().signal },
    { version: '0', watch: false },
  );
  daemon = running;
  const headers = { authorization: `Bearer ${running.token}` };
  return {
    url: running.url,
    token: running.token,
    get: async <T>(path: string) => (await (await fetch(`${running.url}${path}`, { headers })).json()) as T,
  };
}

it('tells how much an incident explains, and of each source whose health changes', { timeout: 60_000 }, async () => {
  const logs = logsOf(CAPTURE).map((path) => ({ path, name: path.endsWith('.csv') ? path.slice(-10) : 'denokv.log' }));
  const write = ({ path, name }: (typeof logs)[number]) => {
    appendFileSync(join(folder, name), readFileSync(path));
  };
  logs.filter(({ name }) => name === 'denokv.log').forEach(write);
  const { url, token, get } = await start();
  const stream = await fetch(`${url}/v1/stream`, { headers: { authorization: `Bearer ${token}` } });
  let heard = '';
  const listening = (async () => {
    for await (const bytes of stream.body ?? []) heard += Buffer.from(bytes).toString();
  })().catch(() => undefined);
  logs.filter(({ name }) => name !== 'denokv.log').forEach(write);
  const explained = async (cause: string) => {
    const { items } = await get<Page<IncidentRecord>>('/v1/incidents');
    return items.some((one) => one.cause === cause && one.failures > 0 && one.share > 0 && one.share <= 1);
  };
  for (const cause of ['disk_full', 'server_crash'])
    await expect.poll(() => explained(cause), { timeout: 20_000, interval: 200 }).toBe(true);
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
