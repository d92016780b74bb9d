import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listen } from '../../src/api/listen.ts';
import type { ApiOptions } from '../../src/api/app.ts';
import { runCli, TEST_CLOCK } from '../cli/fake-terminal.ts';
import { EXIT } from '../../src/errors.ts';
import { makeVerdict } from '../query/memory-reader.ts';
import { apiOver, type TestApi } from './api-over.ts';

const TOKEN = 'a-token-that-is-long-enough-for-tests';

let folder: string;
let path: string;
const apis: TestApi[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-socket-'));
  path = join(folder, 'api.sock');
});
afterEach(async () => {
  for (const api of apis.splice(0)) await api.close();
  rmSync(folder, { recursive: true, force: true });
});

function make(options: Partial<ApiOptions> = {}): TestApi {
  const api = apiOver([makeVerdict()], { token: TOKEN, clock: () => TEST_CLOCK, isOnSocket: true, ...options });
  apis.push(api);
  return api;
}

/** Status of a GET over the socket. */
async function ask(route: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const asking = request({ socketPath: path, path: route, headers: { host: 'localhost', ...headers }, agent: false });
  asking.end();
  const [response] = (await once(asking, 'response')) as [{ statusCode: number; resume: () => void }];
  response.resume();
  return response.statusCode;
}

/** What a daemon that was killed leaves behind: a name that nobody listens at. */
async function leaveStale(): Promise<void> {
  const server = await occupy(join(folder, 'other'));
  const { renameSync } = await import('node:fs');
  renameSync(join(folder, 'other'), path);
  await new Promise((resolve) => server.close(resolve));
}

async function occupy(at: string): Promise<Server> {
  const server = createServer().listen(at);
  await once(server, 'listening');
  return server;
}

describe('on a unix socket', () => {
  test('it answers, with a token and without, and leaves nothing behind', async () => {
    const api = make();
    expect(await listen(api.app, { socket: path })).toBe(`unix:${path}`);
    expect(lstatSync(path).mode & 0o777).toBe(0o660);
    expect(readdirSync(folder)).toEqual(['api.sock']);
    expect(await ask('/v1/health')).toBe(200);
    expect(await ask('/v1/failures')).toBe(401);
    expect(await ask('/v1/failures', { authorization: `Bearer ${TOKEN}` })).toBe(200);
    expect(await ask('/v1/health', { host: 'evil.example' })).toBe(421);
    await api.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('the mode does not hang on the umask', async () => {
    const before = process.umask(0);
    try {
      await listen(make().app, { socket: path });
    } finally {
      process.umask(before);
    }
    expect(lstatSync(path).mode & 0o777).toBe(0o660);
  });

  test('what a dead daemon left is taken over', async () => {
    await leaveStale();
    expect(lstatSync(path).isSocket()).toBe(true);
    await listen(make().app, { socket: path });
    expect(await ask('/v1/health')).toBe(200);
  });

  test('a daemon that lives keeps its socket', async () => {
    await listen(make().app, { socket: path });
    const refused = listen(make().app, { socket: path });
    await expect(refused).rejects.toMatchObject({
      code: 'api.cannot_listen',
      message: `cannot listen on unix:${path}: another program does already`,
    });
    expect(await ask('/v1/health')).toBe(200);
    expect(readdirSync(folder)).toEqual(['api.sock']);
  });

  test('a socket that was replaced meanwhile is not removed at the end', async () => {
    const api = make();
    await listen(api.app, { socket: path });
    rmSync(path);
    const other = await occupy(path);
    await api.close();
    expect(existsSync(path)).toBe(true);
    other.close();
  });

  test.each([
    [
      'a file',
      'there is something else, and no socket',
      () => {
        writeFileSync(path, 'x');
      },
    ],
    [
      'no folder',
      'its folder is not there',
      () => {
        rmSync(folder, { recursive: true });
      },
    ],
  ])('%s: refused', async (_, says, prepare) => {
    prepare();
    await expect(listen(make().app, { socket: path })).rejects.toMatchObject({
      code: 'api.cannot_listen',
      message: expect.stringContaining(says) as string,
    });
  });

  test('callers are counted together, and behind a proxy one by one', async () => {
    await listen(make({ rateLimit: 2 }).app, { socket: path });
    const from = (address: string) => ask('/v1/health', { 'x-forwarded-for': address });
    expect([await from('10.0.0.1'), await from('10.0.0.2'), await from('10.0.0.3')]).toEqual([200, 200, 429]);
    for (const api of apis.splice(0)) await api.close();
    await listen(make({ rateLimit: 2, isBehindProxy: true }).app, { socket: path });
    expect([await from('10.0.0.1'), await from('10.0.0.1'), await from('10.0.0.1')]).toEqual([200, 200, 429]);
    expect(await from('10.0.0.2')).toBe(200);
  });
});

describe('the command line over a unix socket', () => {
  test('asks, as the configuration or --url says', async () => {
    await listen(make().app, { socket: path });
    writeFileSync(join(folder, 'token'), `${TOKEN}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'whyd.yaml'), 'api: { listen: "unix:api.sock", token_file: token }\n');
    const configured = await runCli(['why', 'last', '--config', join(folder, 'whyd.yaml')]);
    expect([configured.exitCode, configured.err]).toEqual([EXIT.ok, '']);
    expect(configured.out[0]).toContain('atomic_write got HTTP 500');
    const named = await runCli(['failures', '--url', `unix:${path}`, '--token-file', join(folder, 'token'), '--json']);
    expect([named.exitCode, named.out.length]).toEqual([EXIT.ok, 1]);
    const posted = await runCli(['issues', 'resolve', 'i_1', '--config', join(folder, 'whyd.yaml')]);
    expect(posted.exitCode).toBe(EXIT.ok);
  });

  test('where nobody listens: exit 5, and the socket is named', async () => {
    const run = await runCli(['why', 'last', '--url', `unix:${path}`, '--token-file', join(folder, 'none')]);
    expect(run.exitCode).toBe(EXIT.unreachable);
    expect(run.err).toContain(`no whyd daemon at unix:${path}: there is no such socket`);
  });
});

test('an address that is taken is told as before', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  try {
    await expect(listen(make().app, { host: '127.0.0.1', port })).rejects.toMatchObject({
      message: `cannot listen on 127.0.0.1:${String(port)}: another program does already`,
      hint: 'stop the other whyd, or choose another address with --listen',
    });
  } finally {
    server.close();
  }
});

describe('a caller who is slow on purpose', () => {
  const TIMEOUT_MS = 300;

  test.each([
    ['in its headers', 'GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'a'],
    [
      'in its body',
      `POST /v1/markers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n`,
      ' ',
    ],
  ])('is told that it took too long, and hung up on: %s', async (_, head, drop) => {
    await listen(make({ requestTimeoutMs: TIMEOUT_MS }).app, { socket: path });
    const socket = connect(path);
    socket.write(head);
    const drip = setInterval(() => socket.write(drop), TIMEOUT_MS / 10);
    socket.on('error', () => undefined);
    let said = '';
    socket.on('data', (data: Buffer) => {
      said += data.toString();
    });
    await once(socket, 'close');
    clearInterval(drip);
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
  });
});
