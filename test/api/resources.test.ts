import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { lintFromString, createConfig } from '@redocly/openapi-core';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeVerdict } from '../query/memory-reader.ts';
import { NOON_US, OPENING, denokvError, postgresError } from '../store/samples.ts';
import { apiOver, READ_TOKEN, type TestApi } from './api-over.ts';

const TOKEN = 'a-token-that-is-long-enough-for-tests';
const clock = { nowMs: NOON_US / 1000 + 600_000, zone: 'UTC' };
const AT = '2026-11-23T10:00:00.000Z';

let api: TestApi;
beforeEach(() => {
  api = apiOver([makeVerdict({ id: 'f_one', at: AT })], { token: TOKEN, clock: () => clock });
});
afterEach(async () => {
  await api.close();
});

async function ask(
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
  token = TOKEN,
): Promise<LightMyRequestResponse> {
  const options: InjectOptions = { method, url, headers: { authorization: `Bearer ${token}` } };
  return api.app.inject(payload === undefined ? options : { ...options, payload });
}

describe('issues', () => {
  test('are listed, muted, resolved and reopened', async () => {
    expect((await ask('GET', '/v1/issues?state=open')).json()).toMatchObject({
      items: [{ id: 'i_1', cause: 'deadlock', count: 1, flags: ['new'], lastFailure: 'f_one' }],
      nextCursor: null,
    });
    expect((await ask('POST', '/v1/issues/i_1/mute', { for: '1h' })).json()).toMatchObject({ state: 'muted' });
    expect((await ask('POST', '/v1/issues/i_1/mute', {})).json()).toMatchObject({ state: 'muted', mutedUntil: null });
    expect((await ask('POST', '/v1/issues/i_1/resolve')).json()).toMatchObject({ state: 'resolved' });
    const again = await ask('POST', '/v1/issues/i_1/resolve');
    expect([again.statusCode, again.json<{ code: string }>().code]).toEqual([409, 'issue.illegal_step']);
    expect((await ask('POST', '/v1/issues/i_1/reopen')).json()).toMatchObject({ state: 'open' });
    expect((await ask('GET', '/v1/issues/i_none')).statusCode).toBe(404);
    expect((await ask('POST', '/v1/issues/i_1/mute', { for: 'ever' })).statusCode).toBe(400);
  });

  test('are not for a token that may only read', async () => {
    expect((await ask('GET', '/v1/issues/i_1', undefined, READ_TOKEN)).statusCode).toBe(200);
    const refused = await ask('POST', '/v1/issues/i_1/resolve', undefined, READ_TOKEN);
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([403, 'auth.forbidden']);
    expect((await ask('POST', '/v1/markers', { text: 'x' }, READ_TOKEN)).statusCode).toBe(403);
  });
});

describe('what a request must not say is named, with what it may say', () => {
  const ofLists = 'parameters taken here: since, until';
  test.each([
    ['/v1/failures?limit=0', 'the parameter limit must be a whole number from 1 to 500'],
    ['/v1/failures?limit=501', 'the parameter limit must be a whole number from 1 to 500'],
    ['/v1/failures?limit=ten', 'the parameter limit must be a whole number from 1 to 500'],
    ['/v1/failures?limit=1&limit=2', 'the parameter limit must be a whole number from 1 to 500'],
    ['/v1/failures?sqlstate=4', 'the parameter sqlstate must be text that fits ^[0-9A-Za-z]{5}$'],
    ['/v1/stats?bucket=2m', 'the parameter bucket must be one of 1m, 1h'],
    ['/v1/why', 'the parameter q is missing', 'parameters taken here: q'],
    ['/v1/why?q=', 'the parameter q must be text of 1 to 1000 characters'],
    ['/v1/markers?limt=5', 'there is no parameter limt', ofLists],
    ['/v1/markers?%1b]0;%e2%80%aex=5', 'there is no parameter ??0??x', ofLists],
    [`/v1/markers?${'x'.repeat(100)}=5`, `there is no parameter ${'x'.repeat(40)}...`, ofLists],
  ])('GET %s', async (url, detail, hint?: string) => {
    const answer = await ask('GET', url);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const { type, title, ...said } = answer.json<Record<string, unknown>>();
    expect([type, title]).toEqual(['urn:whyd:problem:request.invalid', 'The request is not valid']);
    expect(said).toEqual({ status: 400, code: 'request.invalid', detail, ...(hint === undefined ? {} : { hint }) });
  });

  test.each([
    ['/v1/markers', undefined, 'the body must be a JSON object', 'fields taken here: text, at'],
    ['/v1/markers', ['x'], 'the body must be a JSON object', 'fields taken here: text, at'],
    ['/v1/markers', {}, 'the field text is missing', 'fields taken here: text, at'],
    ['/v1/markers', { text: '' }, 'the field text must be text of 1 to 500 characters'],
    ['/v1/markers', { text: 'x', at: 'now' }, 'the field at must be a time with its zone, like 2026-11-23T14:03:12Z'],
    ['/v1/markers', { text: 'x', when: 'now' }, 'there is no field when', 'fields taken here: text, at'],
    ['/v1/issues/i_1/mute', undefined, 'the body must be a JSON object', 'fields taken here: for, until'],
  ])('POST %s %j', async (url, body, detail, hint?: string) => {
    const { type, title, ...said } = (await ask('POST', url, body)).json<Record<string, unknown>>();
    expect([type, title]).toEqual(['urn:whyd:problem:request.invalid', 'The request is not valid']);
    expect(said).toEqual({ status: 400, code: 'request.invalid', detail, ...(hint === undefined ? {} : { hint }) });
  });
});

test('an unknown cause is refused with the nearest', async () => {
  for (const path of ['failures', 'issues', 'incidents']) {
    const refused = await ask('GET', `/v1/${path}?cause=deadlok`);
    expect(refused.json()).toMatchObject({
      status: 400,
      code: 'request.unknown_cause',
      hint: 'Did you mean deadlock?',
    });
  }
  expect((await ask('GET', '/v1/incidents?cause=lock_pile_up')).json()).toEqual({ items: [], nextCursor: null });
});

test('a final verdict has an ETag', async () => {
  const first = await ask('GET', '/v1/failures/f_one');
  const etag = String(first.headers.etag);
  expect(etag).toMatch(/^"[\w-]+"$/);
  const again = (tag: string) =>
    api.app.inject({
      url: '/v1/failures/f_one',
      headers: { authorization: `Bearer ${TOKEN}`, 'if-none-match': tag },
    });
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const second = await again(tag);
    expect([tag, second.statusCode, second.body]).toEqual([tag, 304, '']);
  }
  const whole = await again('"other"');
  expect([whole.statusCode, whole.headers['content-type'], whole.json()]).toEqual([
    200,
    'application/json; charset=utf-8',
    first.json(),
  ]);
  api.save({
    verdicts: [makeVerdict({ id: 'f_open', coverage: { denokv: 'complete', postgres: 'behind', settled: false } })],
  });
  expect((await ask('GET', '/v1/failures/f_open')).headers.etag).toBeUndefined();
});

test('events and a timeline with roles', async () => {
  const pg = api.index.openFile(OPENING);
  const denokv = api.index.openFile({ ...OPENING, kind: 'denokv', path: '/logs/denokv.log', generation: 1 });
  const events = [
    denokvError(denokv, 9120, NOON_US),
    postgresError(pg, 100, NOON_US - 5000),
    postgresError(pg, 60, NOON_US - 9000, 'before it'),
  ];
  api.index.commit({ events, checkpoints: [] });
  const { items } = (await ask('GET', '/v1/events?kind=postgres_error')).json<{
    items: { id: number; message: string }[];
  }>();
  expect(items.map(({ message }) => message)).toEqual(['deadlock detected', 'before it']);
  const event = await ask('GET', `/v1/events/${String(items[0]?.id)}`);
  expect(event.json()).toMatchObject({ sqlstate: '40P01', pid: 3121 });
  expect(event.headers.etag).toMatch(/^"[\w-]+"$/);
  const timeline = (await ask('GET', '/v1/failures/f_one/timeline?window=1m')).json<{ entries: { role: string }[] }>();
  expect(timeline.entries.map(({ role }) => role)).toEqual(['session', 'entry', 'symptom']);
  for (const window of ['1y', '1h']) {
    const refused = await ask('GET', `/v1/failures/f_one/timeline?window=${window}`);
    expect([refused.statusCode, refused.json<{ detail: string }>().detail]).toEqual([
      400,
      'window: this is not a span of time of 10m at most',
    ]);
  }
});

test('statistics, markers and metrics', async () => {
  const stats = (await ask('GET', '/v1/stats?since=15m')).json<{ buckets: { causes: object }[] }>();
  expect(stats).toMatchObject({
    bucketSeconds: 60,
    failures: 1,
    openIssues: 1,
    causes: [{ cause: 'deadlock', count: 1 }],
  });
  expect(stats.buckets.filter(({ causes }) => Object.keys(causes).length > 0)).toEqual([
    { at: AT, causes: { deadlock: 1 } },
  ]);
  expect((await ask('GET', '/v1/stats?since=90d&bucket=1m')).json()).toMatchObject({ code: 'stats.too_many_buckets' });
  expect((await ask('POST', '/v1/markers', { text: 'deploy 7' })).statusCode).toBe(201);
  expect((await ask('GET', '/v1/markers?since=1h')).json()).toMatchObject({ items: [{ text: 'deploy 7' }] });
  const metrics = await ask('GET', '/metrics');
  expect(metrics.headers['content-type']).toContain('version=0.0.4');
  expect(metrics.body).toContain('whyd_failures_total{cause="deadlock",certainty="certain"} 1');
  expect(metrics.body).not.toContain('f_one');
});

test('the OpenAPI document passes the linter', async () => {
  const document = (await api.app.inject('/openapi.json')).body;
  const config = await createConfig({
    extends: ['recommended'],
    rules: { 'no-server-example.com': 'off', 'operation-4xx-response': 'error' },
  });
  const problems = await lintFromString({ source: document, absoluteRef: 'openapi.json', config });
  expect(
    problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${String(location[0]?.pointer)}`),
  ).toEqual([]);
});

describe('the dashboard', () => {
  const STYLE = 'p{color:red}';
  const PAGE = `<!doctype html><style>${STYLE}</style>whyd`;
  const folder = mkdtempSync(join(tmpdir(), 'whyd-web-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
  writeFileSync(join(folder, 'secret.key'), 'x');
  writeFileSync(join(folder, 'assets', 'app-1.js'), '1');
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('is served without a token, deep links included, under a strict policy', async () => {
    const { app, close } = apiOver([], { token: TOKEN, clock: () => clock, webFolder: folder });
    try {
      for (const url of ['/', '/failures/f_1', '/issues', '/issues/i_1', '/incidents', '/search?q=x', '/sources']) {
        const page = await app.inject(url);
        expect([page.statusCode, page.body]).toEqual([200, PAGE]);
        const policy = String(page.headers['content-security-policy']);
        expect(policy).toContain("default-src 'self'");
        expect(policy).toContain(`style-src 'self' 'sha256-${createHash('sha256').update(STYLE).digest('base64')}';`);
        expect(policy).not.toContain('unsafe');
      }
      const asset = await app.inject('/assets/app-1.js');
      expect([asset.statusCode, asset.headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
      expect((await app.inject('/favicon.svg')).statusCode).toBe(200);
      expect((await app.inject({ method: 'HEAD', url: '/assets/app-1.js' })).statusCode).toBe(200);
      for (const url of ['/secret.key', '/assets/..%2fsecret.key', '/assets/nosuch.js', '/assets/%2e%2e/secret.key']) {
        expect((await app.inject(url)).statusCode).not.toBe(200);
      }
    } finally {
      await close();
    }
  });

  test('is sent packed to who takes that, and not again to who has it', async () => {
    const { app, close } = apiOver([], { token: TOKEN, clock: () => clock, webFolder: folder });
    try {
      const page = await app.inject({ url: '/', headers: { 'accept-encoding': 'br, gzip;q=0.8' } });
      expect(page.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
      expect(gunzipSync(page.rawPayload).toString()).toBe(PAGE);
      const plain = await app.inject({ url: '/', headers: { 'accept-encoding': 'gzip;q=0, identity' } });
      expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, PAGE]);
      const again = await app.inject({ url: '/sources', headers: { 'if-none-match': String(page.headers.etag) } });
      expect([again.statusCode, again.body, again.headers['cache-control']]).toEqual([304, '', 'no-cache']);
    } finally {
      await close();
    }
  });

  test('is said to be missing where it was not built', async () => {
    expect((await api.app.inject('/')).body).toContain('not part of this build');
  });
});
