import { afterEach, expect, test, vi } from 'vitest';
import { StreamHub, MAX_CLIENTS, type StreamClient } from '../../src/api/stream-hub.ts';
import { makeVerdict } from '../query/memory-reader.ts';
import { apiOver, READ_TOKEN, type TestApi } from './api-over.ts';

const TOKEN = 'a-token-that-is-long-enough-for-tests';
const clock = { nowMs: Date.parse('2026-11-23T12:00:00Z'), zone: 'UTC' };

let api: TestApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

async function listen(url: string, lastId?: string): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const headers = {
    authorization: `Bearer ${READ_TOKEN}`,
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  };
  const response = await fetch(`${url}/v1/stream`, { headers });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  if (response.body === null) throw new Error('no body');
  return response.body.getReader();
}

async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, word: string): Promise<string> {
  let text = '';
  while (!text.includes(word)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  return text;
}

test('tells what is stored, goes on behind the last id, and says when it cannot', async () => {
  api = apiOver([], { token: TOKEN, clock: () => clock });
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const first = await listen(url);
  await readUntil(first, 'retry');
  api.save({ verdicts: [makeVerdict({ id: 'f_one' })] });
  const told = await readUntil(first, 'event: issue');
  expect(told).toMatch(/id: \d+\nevent: failure\ndata: \{"kind":"failure","id":"f_one"/);
  const id = /id: (\d+)/.exec(told)?.[1] ?? '';
  await first.cancel();

  api.save({ verdicts: [makeVerdict({ id: 'f_two' })] });
  const second = await listen(url, id);
  const resumed = await readUntil(second, 'f_two');
  expect(resumed).toContain('event: issue');
  expect(resumed).not.toContain('"id":"f_one","at"');
  await second.cancel();

  const third = await listen(url, '7');
  expect(await readUntil(third, 'reset')).toContain('event: reset');
  await third.cancel();
});

interface TestClient extends StreamClient {
  readonly texts: string[];
  ended: string;
}

function client(writableLength = 0): TestClient {
  const texts: string[] = [];
  const one: TestClient = {
    texts,
    ended: '',
    writableLength,
    write: (bytes) => texts.push(bytes.toString()),
    destroy: () => (one.ended = 'destroyed'),
    end: () => (one.ended = 'ended'),
  };
  return one;
}

test('who does not read is hung up on, and the others go on', async () => {
  const hub = new StreamHub(0);
  const slow = client(2 ** 30);
  const quick = client();
  hub.join(slow, null);
  hub.join(quick, null);
  hub.publish('marker', { id: 1, at: '', text: 'x' });
  await turns(1);
  expect([slow.ended, quick.ended, hub.clients, hub.dropped]).toEqual(['destroyed', '', 1, 1]);
  expect(quick.texts.at(-1)).toBe('id: 1\nevent: marker\ndata: {"id":1,"at":"","text":"x"}\n\n');
  hub.close();
  expect([quick.ended, hub.clients]).toEqual(['ended', 0]);
});

/** Each turn of the loop some clients are written to. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('every client is sent everything once, however many there are and whenever they came', async () => {
  const hub = new StreamHub(0);
  const clients = Array.from({ length: 100 }, () => client());
  for (const one of clients) hub.join(one, null);
  for (let id = 1; id <= 3; id++) hub.publish('marker', { id, at: '', text: 'x' });
  const late = client();
  hub.join(late, 1);
  await turns(2);
  hub.publish('marker', { id: 4, at: '', text: 'x' });
  await turns(100);
  const idsOf = ({ texts }: TestClient) => [...texts.join('').matchAll(/^id: (\d+)$/gm)].map(([, id]) => id);
  for (const one of clients) expect(idsOf(one)).toEqual(['1', '2', '3', '4']);
  expect(idsOf(late)).toEqual(['2', '3', '4']);
  hub.close();
});

test('who listens hears every fifteen seconds that it is still there, and not when it has left', () => {
  vi.useFakeTimers();
  try {
    const hub = new StreamHub(0);
    const heard: string[] = [];
    const client = { writableLength: 0, destroy: () => 0, end: () => 0, write: (text: string) => heard.push(text) };
    const leave = hub.join(client, null);
    vi.advanceTimersByTime(45_000);
    expect(heard).toEqual(['retry: 2000\n\n', ...[1, 2, 3].map(() => ': still here\n\n')]);
    leave?.();
    vi.advanceTimersByTime(60_000);
    expect(heard).toHaveLength(4);
  } finally {
    vi.useRealTimers();
  }
});

test('takes so many and no more, and keeps a bounded past', () => {
  const hub = new StreamHub(0);
  const releases = Array.from({ length: MAX_CLIENTS }, () => hub.join(client(), null));
  expect(hub.join(client(), null)).toBeNull();
  releases[0]?.();
  expect(hub.join(client(), null)).not.toBeNull();
  for (let count = 0; count < 3000; count++) hub.publish('marker', { id: count, at: '', text: '' });
  releases[1]?.();
  const late = client();
  hub.join(late, 10);
  expect(late.texts.join('')).toContain('event: reset');
  releases[2]?.();
  const early = client();
  hub.join(early, 2998);
  expect(early.texts.join('').match(/event: marker/g)).toHaveLength(2);
  hub.close();
});
