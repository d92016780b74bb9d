import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LiveStream, type LiveState } from '../../web/src/live/live-stream.ts';
import { SseParser, type StreamEvent } from '../../web/src/live/sse-parser.ts';

describe('the parser of text/event-stream', () => {
  const TEXT =
    ': hello\n\nid: 1\nevent: failure\ndata: {"a":1}\n\ndata: two\r\ndata: lines\r\n\r\nevent: empty\n\nid: 3\rdata:x\r\rdata: cut';
  const EVENTS: readonly StreamEvent[] = [
    { type: 'failure', data: '{"a":1}', id: '1' },
    { type: 'message', data: 'two\nlines', id: '1' },
    { type: 'message', data: 'x', id: '3' },
  ];

  it('reads events with types, ids, several lines and comments', () => {
    expect(new SseParser().push(TEXT)).toEqual(EVENTS);
  });

  it('reads the same wherever the text is cut', () => {
    for (let cut = 1; cut < TEXT.length; cut += 1) {
      const parser = new SseParser();
      expect([...parser.push(TEXT.slice(0, cut)), ...parser.push(TEXT.slice(cut))], `cut at ${cut}`).toEqual(EVENTS);
    }
  });

  it('refuses a line without an end', () => {
    const parser = new SseParser();
    expect(() => parser.push(`data: ${'x'.repeat(5 * 1_024 * 1_024)}`)).toThrow(RangeError);
  });
});

interface Exchange {
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
}

let server: Server | null = null;
let stream: LiveStream | null = null;

afterEach(async () => {
  stream?.stop();
  const closing = server;
  closing?.closeAllConnections();
  if (closing !== null) await new Promise((resolve) => closing.close(resolve));
  server = null;
});

/** A real server; `answer` is given each request in turn. */
async function serve(answer: (exchange: Exchange, count: number) => void): Promise<typeof fetch> {
  let count = 0;
  const started = createServer((request, response) => {
    count += 1;
    answer({ headers: request.headers, response }, count);
  });
  server = started;
  await new Promise((resolve) =>
    started.listen(0, '127.0.0.1', () => {
      resolve(null);
    }),
  );
  const { port } = started.address() as AddressInfo;
  return (path, init) => fetch(new URL(path as string, `http://127.0.0.1:${port}`), init);
}

interface Seen {
  readonly events: StreamEvent[];
  readonly states: LiveState[];
}

function follow(fetchLike: typeof fetch): Seen {
  const seen: Seen = { events: [], states: [] };
  stream = new LiveStream({
    token: () => 'secret',
    fetch: fetchLike,
    waitsMs: [1],
    onEvent: (event) => seen.events.push(event),
    onState: (state) => seen.states.push(state),
  });
  stream.start();
  return seen;
}

describe('the live stream', () => {
  it('sends the token, and goes on behind the last event after a break', async () => {
    const heads: IncomingHttpHeaders[] = [];
    const fetchLike = await serve(({ headers, response }, count) => {
      heads.push(headers);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`id: ${count}\nevent: failure\ndata: ${count}\n\n`);
      if (count < 3)
        setTimeout(() => {
          response.destroy();
        }, 5);
    });
    const { events, states } = follow(fetchLike);
    await expect.poll(() => events.map(({ data }) => data)).toEqual(['1', '2', '3']);
    expect(heads.map(({ authorization }) => authorization)).toEqual([
      'Bearer secret',
      'Bearer secret',
      'Bearer secret',
    ]);
    expect(heads.map((head) => head['last-event-id'])).toEqual([undefined, '1', '2']);
    expect(states.slice(0, 5)).toEqual(['connecting', 'live', 'lost', 'connecting', 'live']);
  });

  it('tries again while the daemon is away', async () => {
    const fetchLike = await serve(({ response }, count) => {
      response.writeHead(count < 3 ? 503 : 200, { 'content-type': 'text/event-stream' });
      response.write('\n');
      if (count < 3) response.end();
    });
    const { states } = follow(fetchLike);
    await expect.poll(() => states.at(-1)).toBe('live');
    expect(states).toEqual(['connecting', 'lost', 'connecting', 'lost', 'connecting', 'live']);
  });

  it('gives up on a token that is refused, and stops when told', async () => {
    let count = 0;
    const fetchLike = await serve(({ response }) => {
      count += 1;
      response.writeHead(401).end();
    });
    const { states } = follow(fetchLike);
    await expect.poll(() => states.at(-1)).toBe('denied');
    stream?.stop();
    expect(count).toBe(1);
    expect(states.at(-1)).toBe('paused');
  });
});
