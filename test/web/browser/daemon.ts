import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { startDaemon, type RunningDaemon } from '../../../src/daemon.ts';
import type { Page, Verdict } from '../../../src/domain.ts';
import { logsOf } from '../../golden/captures.ts';

/** A real daemon on logs in a folder of its own. */
export class LogHost {
  readonly folder = mkdtempSync(join(tmpdir(), 'whyd-web-'));
  #daemon: RunningDaemon | null = null;
  #port = 0;

  /** The captured logs, told as if their last line were written so long ago: what is old needs no waiting for what may still come. */
  write(capture: string, agoMs: number): void {
    const texts = logsOf(capture).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
    const newestMs = Math.max(...texts.map(({ text }) => newestOf(text)));
    const deltaMs = Math.floor((Date.now() - agoMs - newestMs) / 1_000) * 1_000;
    for (const { path, text } of texts) {
      const name = path.endsWith('denokv.log') ? 'denokv.log' : `postgres-${String(path.split('/').at(-1))}`;
      this.append(name, shifted(text, deltaMs));
    }
  }

  append(name: string, text: string): void {
    appendFileSync(join(this.folder, name), text);
  }

  get token(): string {
    return this.#running().token;
  }

  get url(): string {
    return this.#running().url;
  }

  /** Starts it, again at the same address where it ran before. */
  async start(): Promise<void> {
    const signal = new AbortController().signal;
    const hooks = { onFailure: () => undefined, onMessage: () => undefined, signal };
    this.#daemon = await startDaemon(this.#config(), hooks, { version: '0', watch: false });
    this.#port = Number(new URL(this.#daemon.url).port);
  }

  /** The newest failures, once there are so many and all are final. */
  async failures(count: number): Promise<readonly Verdict[]> {
    const headers = { authorization: `Bearer ${this.token}` };
    return vi.waitFor(
      async () => {
        const response = await fetch(`${this.url}/v1/failures?limit=500`, { headers });
        const { items } = (await response.json()) as Page<Verdict>;
        const final = items.filter(({ coverage }) => coverage.settled).length;
        if (final < count) throw new Error(`${final} failures are final, not ${count}`);
        return items;
      },
      { timeout: 55_000, interval: 200 },
    );
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    await this.#daemon?.close();
    this.#daemon = null;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #running(): RunningDaemon {
    if (this.#daemon === null) throw new Error('the daemon is not running');
    return this.#daemon;
  }

  #config(): Config {
    return {
      file: null,
      sources: [
        { kind: 'denokv', paths: [join(this.folder, 'denokv.log')], linePrefix: null, timezone: null },
        { kind: 'postgres', paths: [join(this.folder, 'postgres-*')], linePrefix: null, timezone: null },
      ],
      identity: { user: null, database: null, application: null },
      index: { path: join(this.folder, 'whyd.db'), keep: { days: 10_000, sizeBytes: 2 ** 30 } },
      api: { listen: { host: '127.0.0.1', port: this.#port }, tokenFile: join(this.folder, 'token') },
      sinceMs: null,
      warnings: [],
    };
  }
}

/** One host for the tests of a file; both logs are there, empty, unless `prepare` writes them. */
export function useLogHost(prepare: (host: LogHost) => void = () => undefined): () => LogHost {
  let host: LogHost | null = null;
  const current = (): LogHost => {
    if (host === null) throw new Error('the log host is not there yet');
    return host;
  };
  beforeAll(async () => {
    host = new LogHost();
    writeFileSync(join(host.folder, 'denokv.log'), '');
    writeFileSync(join(host.folder, 'postgres-0.log'), '');
    prepare(host);
    await host.start();
  });
  afterAll(async () => {
    await host?.remove();
  });
  return current;
}

const TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?/g;

function newestOf(text: string): number {
  return Math.max(0, ...[...text.matchAll(TIME)].map(([time]) => Date.parse(`${time.replace(' ', 'T')}Z`)));
}

/** Every time of a log, so much later; all captures were written in UTC. */
function shifted(text: string, deltaMs: number): string {
  return text.replace(TIME, (time) => {
    const iso = new Date(Date.parse(`${time.replace(' ', 'T')}Z`) + deltaMs).toISOString();
    return iso.slice(0, time.length).replace('T', time.charAt(10));
  });
}
