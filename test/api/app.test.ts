import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { ApiOptions } from '../../src/api/app.ts';
import type { HealthStatus } from '../../src/api/schemas/health.ts';
import { makeVerdict } from '../query/memory-reader.ts';
import { apiOver, type TestApi } from './api-over.ts';

const TOKEN = 'a-token-that-is-long-enough-for-tests';
const clock = { nowMs: Date.parse('2026-11-23T12:00:00Z'), zone: 'UTC' };

const verdicts = [
  makeVerdict({ id: 'f_one' }),
  makeVerdict({ id: 'f_two', at: '2026-11-23T11:00:00.000Z', operation: 'snapshot_read' }),
  makeVerdict({ id: 'f_three', at: '2026-11-23T11:30:00.000Z' }),
];

let api: TestApi | null = null;
afterEach(async () => {
  await api?.close();
  api = null;
});

function build(overrides: Partial<ApiOptions> = {}): FastifyInstance {
  api = apiOver(verdicts, { token: TOKEN, clock: () => clock, ...overrides });
  return api.app;
}

function get(url: string, options: InjectOptions = {}): Promise<LightMyRequestResponse> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...options.headers };
  return (api?.app ?? build()).inject({ method: 'GET', url, ...options, headers });
}

function ids(response: LightMyRequestResponse): readonly string[] {
  return response.json<{ items: { id: string }[] }>().items.map((item) => item.id);
}

describe('failures', () => {
  test('come newest first, page by page', async () => {
    const first = await get('/v1/failures?limit=2');
    expect(first.statusCode).toBe(200);
    expect(ids(first)).toEqual(['f_three', 'f_two']);
    const { nextCursor } = first.json<{ nextCursor: string }>();
    const second = await get(`/v1/failures?limit=2&cursor=${nextCursor}`);
    expect([ids(second), second.json<{ nextCursor: unknown }>().nextCursor]).toEqual([['f_one'], null]);
  });

  test.each([
    ['since=11:00', ['f_three', 'f_two']],
    ['until=2026-11-23T11:00:00Z', ['f_one']],
    ['since=45m', ['f_three']],
    ['operation=snapshot_read', ['f_two']],
    ['sqlstate=40p01&limit=1', ['f_three']],
    ['cause=disk_full', []],
    ['certainty=unknown', []],
    ['q=DEADLOCK&limit=1', ['f_three']],
  ])('filter by %s', async (query, expected) => {
    expect(ids(await get(`/v1/failures?${query}`))).toEqual(expected);
  });

  test.each([
    'limit=0',
    'limit=x',
    'certainty=sure',
    'operation=read',
    'sqlstate=1',
    'sincce=1h',
    'since=soon',
    'cause=nosuch',
  ])('refuse %s', async (query) => {
    const response = await get(`/v1/failures?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status: 400, title: 'The request is not valid' });
  });

  test('are given whole by id', async () => {
    expect((await get('/v1/failures/f_two')).json()).toEqual(verdicts[1]);
  });

  test('that do not exist are a 404 with a code', async () => {
    const response = await get('/v1/failures/f_none');
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({
      type: 'urn:whyd:problem:failure.unknown',
      code: 'failure.unknown',
      status: 404,
    });
  });
});

describe('why', () => {
  test('answers', async () => {
    expect((await get('/v1/why?q=last')).json()).toMatchObject({
      query: 'last',
      result: 'match',
      total: 1,
      matches: [{ how: 'last', distanceMs: null, verdict: { id: 'f_three' } }],
      sources: [{ kind: 'denokv' }],
    });
  });

  test('needs a question', async () => {
    expect((await get('/v1/why')).json()).toMatchObject({ code: 'request.invalid' });
    expect((await get('/v1/why?q=%20')).json()).toMatchObject({ code: 'why.empty_query', status: 400 });
  });
});

test('sources are listed', async () => {
  expect((await get('/v1/sources')).json()).toMatchObject({ items: [{ path: '/var/log/denokv.log' }] });
});

test.each<[HealthStatus, number]>([
  ['starting', 200],
  ['ok', 200],
  ['failing', 503],
])('health %s needs no token', async (status, code) => {
  const response = await build({ health: () => status }).inject('/v1/health');
  expect([response.statusCode, response.json()]).toEqual([code, { status, version: '1.2.3' }]);
});

test('the OpenAPI document is 3.1 and names every route but itself', async () => {
  const response = await build().inject('/openapi.json');
  const document = response.json<{ openapi: string; paths: object }>();
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).sort()).toEqual([
    '/metrics',
    '/v1/events',
    '/v1/events/{id}',
    '/v1/failures',
    '/v1/failures/{id}',
    '/v1/failures/{id}/timeline',
    '/v1/health',
    '/v1/incidents',
    '/v1/incidents/{id}',
    '/v1/issues',
    '/v1/issues/{id}',
    '/v1/issues/{id}/mute',
    '/v1/issues/{id}/reopen',
    '/v1/issues/{id}/resolve',
    '/v1/markers',
    '/v1/sources',
    '/v1/stats',
    '/v1/stream',
    '/v1/why',
  ]);
});

describe('guards', () => {
  test.each([undefined, '', 'Bearer', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN])(
    'refuse authorization %j, on unknown paths too',
    async (authorization) => {
      for (const url of ['/v1/sources', '/nowhere']) {
        const headers = authorization === undefined ? {} : { authorization };
        const response = await (api?.app ?? build()).inject({ url, headers });
        expect(response.statusCode).toBe(401);
        expect(response.headers['www-authenticate']).toContain('Bearer');
        expect(response.json()).toMatchObject({ code: 'auth.required' });
      }
    },
  );

  test.each(['evil.example', 'evil.example:7433', '127.0.0.1.evil.example', 'localhost@evil.example', 'a b'])(
    'refuse host %j before all else',
    async (host) => {
      for (const url of ['/v1/health', '/v1/sources', '/nowhere']) {
        const response = await get(url, { headers: { host } });
        expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([421, 'host.not_allowed']);
      }
    },
  );

  test.each(['127.0.0.1', 'LOCALHOST:7433', '[::1]:9'])('let host %j in', async (host) => {
    expect((await get('/v1/health', { headers: { host } })).statusCode).toBe(200);
  });

  test('every answer carries the security headers and no CORS', async () => {
    for (const url of ['/v1/sources', '/nowhere', '/v1/failures?x=1']) {
      const { headers } = await get(url, { headers: { origin: 'http://evil.example' } });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'x-frame-options': 'DENY',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('errors', () => {
  test('unknown paths and methods', async () => {
    expect((await get('/v2')).json()).toMatchObject({ status: 404, code: 'route.unknown' });
    const response = await get('/v1/failures/f_one', { method: 'DELETE' });
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(response.json()).toMatchObject({ code: 'method.not_allowed' });
  });

  test('a path that cannot be decoded', async () => {
    const response = await get('/v1/%zz');
    expect(response.json()).toMatchObject({ status: 400, code: 'request.invalid' });
  });

  test('a 500 tells nothing, and is reported once', async () => {
    const reported: unknown[] = [];
    const failure = new Error('secret path /var/lib');
    build({
      why: () => {
        throw failure;
      },
      onError: (error) => reported.push(error),
    });
    const response = await get('/v1/why?q=x');
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ code: 'internal.error' });
    expect(response.body).not.toContain('secret');
    expect(reported).toEqual([failure]);
  });
});

describe('over a socket', () => {
  test.each([
    ['Host: evil.example', '421', 'host.not_allowed'],
    ['Host: localhost', '200', 'ok'],
  ])('%s as a browser sends it: %s', async (header, status, word) => {
    const url = new URL(await build().listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(url.port), url.hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(`GET /v1/health HTTP/1.1\r\n${header}\r\nConnection: close\r\n\r\n`);
    await once(socket, 'close');
    const answer = Buffer.concat(chunks).toString();
    expect(answer.split(' ')[1]).toBe(status);
    expect(answer).toContain(word);
  });

  test('bytes that are no HTTP get a problem, and close ends what is open', async () => {
    const server = build();
    const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
    const socket = connect(Number(url.port), url.hostname);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write('this is not http\r\n\r\n');
    await once(socket, 'close');
    const answer = Buffer.concat(chunks).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');

    const idle = connect(Number(url.port), url.hostname);
    await once(idle, 'connect');
    const closed = once(idle, 'close');
    idle.resume();
    await Promise.all([server.close(), server.close(), closed]);
    await server.close();
    expect(server.server.listening).toBe(false);
  });
});
