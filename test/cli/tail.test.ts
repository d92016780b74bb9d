import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StreamHub } from '../../src/api/stream-hub.ts';
import { createClient } from '../../src/cli/client.ts';
import { follow, type TailFlags } from '../../src/cli/verbs/tail.ts';
import type { IncidentRecord, Verdict } from '../../src/domain.ts';
import { makeVerdict } from '../query/memory-reader.ts';
import { fakeTerminal, TEST_CLOCK } from './fake-terminal.ts';

const TOKEN = 'x'.repeat(40);

/** A daemon as far as a tail asks it: the stream, and the failures that it keeps. */
class Daemon {
  hub = new StreamHub(1_000);
  port = 0;
  stored: Verdict[] = [];
  readonly asked: URLSearchParams[] = [];
  #server: Server | null = null;

  async start(startedMs: number): Promise<void> {
    this.hub = new StreamHub(startedMs);
    const { hub } = this;
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://daemon');
      if (url.pathname === '/v1/stream') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const lastId = request.headers['last-event-id'];
        hub.join(response, lastId === undefined ? null : Number(lastId));
        return;
      }
      this.asked.push(url.searchParams);
      const since = url.searchParams.get('since') ?? '';
      const items = this.stored.filter(({ at }) => (at ?? '') >= since).reverse();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ items: items.slice(0, Number(url.searchParams.get('limit'))), nextCursor: null }));
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.hub.close();
    const server = this.#server;
    if (server === null) return;
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  }

  /** A failure that is stored, and told to who listens. */
  fail(verdict: Verdict): void {
    this.stored.push(verdict);
    this.hub.publish('failure', verdict);
  }
}

let daemon = new Daemon();
let stop = new AbortController();
let tail: Promise<void> = Promise.resolve();
let terminal = fakeTerminal();

beforeEach(async () => {
  daemon = new Daemon();
  stop = new AbortController();
  await daemon.start(1_000);
});

afterEach(async () => {
  stop.abort();
  await tail;
  await daemon.stop();
});

async function begin(flags: TailFlags = {}): Promise<void> {
  terminal = fakeTerminal();
  const client = createClient({ url: `http://127.0.0.1:${String(daemon.port)}`, token: TOKEN });
  tail = follow(client, flags, stop.signal, {
    terminal,
    env: {},
    clock: () => TEST_CLOCK,
    setExitCode: () => undefined,
  });
  await expect.poll(() => daemon.hub.clients).toBe(1);
}

function failure(n: number, more: Partial<Verdict['cause']> = {}): Verdict {
  const verdict = makeVerdict();
  const at = new Date(TEST_CLOCK.nowMs + n * 1000).toISOString();
  return { ...verdict, id: `f_${String(n)}`, at, cause: { ...verdict.cause, ...more } };
}

const ids = (): readonly string[] => terminal.lines.map((line) => line.split(' ')[0] ?? '');

describe('whyd tail', () => {
  test('says a failure anew only when the line says something else', async () => {
    await begin();
    daemon.fail(failure(1));
    daemon.hub.publish('verdict.revised', { ...failure(1), coverage: { ...failure(1).coverage, settled: true } });
    daemon.hub.publish('verdict.revised', failure(1, { id: 'disk_full' }));
    // It happened before the tail began.
    daemon.hub.publish('verdict.revised', failure(-60));
    daemon.fail(failure(2));
    await expect.poll(ids).toEqual(['f_1', 'f_1', 'f_2']);
    expect(terminal.lines[1]).toContain('disk_full');
    expect(terminal.messages).toEqual(['whyd: said anew, more is known now: f_1']);
  });

  test('shows a failure that has become one of those asked for, and with --json each change', async () => {
    await begin({ cause: 'disk_full', json: true });
    daemon.fail(failure(1));
    daemon.hub.publish('verdict.revised', failure(1, { id: 'disk_full' }));
    const final = failure(1, { id: 'disk_full' });
    daemon.hub.publish('verdict.revised', { ...final, coverage: { ...final.coverage, settled: false } });
    await expect.poll(() => terminal.lines.length).toBe(2);
    expect(terminal.lines.map((line) => (JSON.parse(line) as Verdict).coverage.settled)).toEqual([true, false]);
    expect(terminal.messages).toEqual([]);
  });

  test('tells an incident when it shows and when it is over', async () => {
    await begin();
    const open: IncidentRecord = {
      id: 'n_1',
      cause: 'server_crash',
      category: 'connection',
      startAt: '2026-11-23T12:00:00.000Z',
      endAt: null,
      summary: 'backend 7 was killed',
      file: 'postgresql.log',
      line: 1,
      byteStart: 0,
      byteEnd: 9,
      text: 'server process (PID 7) was terminated by signal 9: Killed',
      failures: 0,
      share: 0,
      evidence: [],
    };
    for (const failures of [0, 3, 9]) daemon.hub.publish('incident', { ...open, failures });
    for (const failures of [9, 10])
      daemon.hub.publish('incident', { ...open, failures, endAt: '2026-11-23T12:00:03.000Z' });
    daemon.fail(failure(1));
    await expect.poll(ids).toEqual(['f_1']);
    expect(terminal.messages.filter((message) => message.startsWith('incident'))).toEqual([
      'incident: 2026-11-23 12:00:00, still open  server_crash',
      'incident: 2026-11-23 12:00:00 to 12:00:03 (3 s)  server_crash',
    ]);
  });

  test('goes on where it was over a restart of the daemon, and tells nothing twice', async () => {
    await begin();
    daemon.fail(failure(1));
    await expect.poll(ids).toEqual(['f_1']);
    await daemon.stop();
    daemon.stored.push(failure(2));
    await daemon.start(2_000);
    await expect.poll(ids, { timeout: 10_000 }).toEqual(['f_1', 'f_2']);
    daemon.fail(failure(2));
    daemon.fail(failure(3));
    await expect.poll(ids).toEqual(['f_1', 'f_2', 'f_3']);
    expect(terminal.messages).toEqual(['whyd: the daemon went away; waiting for it', 'whyd: connected again']);
    expect(daemon.asked[0]?.get('since')).toBe(failure(1).at);
  });
});
