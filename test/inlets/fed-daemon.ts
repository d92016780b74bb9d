import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, vi } from 'vitest';
import type { LogEvent, SourceStatus } from '../../src/domain.ts';
import { openIndex } from '../../src/store/open-index.ts';
import { DaemonProcess } from '../chaos/daemon-process.ts';

/** The real daemon in a process of its own, fed by sockets or by standard input. */
export class FedDaemon {
  readonly folder = mkdtempSync(join(tmpdir(), 'whyd-fed-'));
  /** Before the start it may be put elsewhere. */
  index = join(this.folder, 'whyd.db');
  #process: DaemonProcess | null = null;

  async start(sources: readonly string[], stdin: 'ignore' | 'pipe' = 'ignore'): Promise<DaemonProcess> {
    this.#process = new DaemonProcess(this.configure(sources), stdin);
    await this.#process.untilSaid(/listening/);
    return this.#process;
  }

  configure(sources: readonly string[]): string {
    const config = join(this.folder, 'whyd.yaml');
    const lines = [
      'since: all',
      `index: { path: ${this.index} }`,
      'api: { listen: 127.0.0.1:0 }',
      'sources:',
      ...sources.map((source) => `  - ${source}`),
    ];
    writeFileSync(config, `${lines.join('\n')}\n`);
    return config;
  }

  async sources(): Promise<readonly SourceStatus[]> {
    const url = /listening on (http:\S+?)[,\s]/.exec(this.#process?.said ?? '')?.[1] ?? '';
    const token = readFileSync(join(dirname(this.index), 'token'), 'utf8').trim();
    const answer = await fetch(`${url}/v1/sources`, { headers: { authorization: `Bearer ${token}` } });
    return ((await answer.json()) as { items: readonly SourceStatus[] }).items;
  }

  events(): readonly LogEvent[] {
    const index = openIndex(this.index, { readOnly: true });
    try {
      const events: LogEvent[] = [];
      for (let after: number | undefined = 0; after !== undefined;) {
        const page = index.eventsAfter(after);
        events.push(...page.map(({ event }) => event));
        after = page.at(-1)?.id;
      }
      return events;
    } finally {
      index.close();
    }
  }

  /** What the errors say, in the order of the spool; a gap as its reason. */
  messages(): readonly string[] {
    const place = ({ citation }: LogEvent): number => citation.fileId * 2 ** 40 + citation.byteStart;
    return this.events()
      .toSorted((a, b) => place(a) - place(b))
      .flatMap((event) => {
        if (event.kind === 'gap') return [`gap: ${event.reason}`];
        return event.kind === 'postgres_error' ? [event.message] : [];
      });
  }

  async untilMessages(expected: readonly string[]): Promise<void> {
    await vi.waitFor(
      () => {
        expect(this.messages()).toEqual(expected);
      },
      { timeout: 60_000, interval: 100 },
    );
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#process?.kill(signal);
    this.#process = null;
  }

  async close(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Connects, as soon as somebody listens. */
export async function sender(where: number | string): Promise<Socket> {
  for (let tries = 0; ; tries += 1) {
    const socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (tries >= 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
