import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestSink } from '../../src/cli/engines.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { EXIT } from '../../src/errors.ts';
import { testSink } from '../../src/sink-test.ts';
import { fixedLookup, isAllowed } from '../../src/tickets/destination.ts';
import { readSigningKey, signatureHeaders } from '../../src/tickets/signature.ts';
import { TIMEOUTS } from '../../src/tickets/webhook.ts';
import { fakeTerminal, runCli, type Run } from '../cli/fake-terminal.ts';

const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const NOW_MS = Date.parse('2026-11-23T12:00:00.500Z');

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let folder: string;
let servers: (Server | TcpServer)[];
let received: Received[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-sink-'));
  servers = [];
  received = [];
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`, { mode: 0o600 });
});

afterEach(async () => {
  for (const server of servers) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true, force: true });
});

async function listening(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** A receiver that keeps what it gets. */
async function receiver(answer: (response: ServerResponse) => void): Promise<string> {
  const port = await listening(
    createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { method, url, headers } = request;
        received.push({ method, url, headers, body: Buffer.concat(pieces).toString() });
        answer(response);
      });
    }),
  );
  return `http://127.0.0.1:${String(port)}`;
}

function configure(url: string, more = ''): string {
  const file = join(folder, 'whyd.yaml');
  const sink = `{ name: ops, kind: webhook, url: '${url}', secret_file: secret }`;
  writeFileSync(file, `tickets: { sinks: [${sink}${more}] }\n`);
  return file;
}

const engine: TestSink = (sink) => testSink(sink, { version: '1.2.3', nowMs: NOW_MS });
const impatient: TestSink = (sink) =>
  testSink(sink, { version: '1', nowMs: NOW_MS, timeouts: { ...TIMEOUTS, answerMs: 50, totalMs: 300 } });

function sinkTest(config: string, args: readonly string[] = [], testEngine = engine): Promise<Run> {
  return runCli(['sink', 'test', 'ops', '--config', config, ...args], { engines: { testSink: testEngine } });
}

test('a message is signed as Standard Webhooks says, marked as a test, and delivered', async () => {
  const url = await receiver((response) => response.writeHead(202).end('thanks \x1b[31m'));
  const run = await sinkTest(configure(`${url}/hooks/s3cret?a=b`));
  expect(run.exitCode).toBe(EXIT.ok);
  expect(run.out[0]).toMatch(
    /^sink ops: delivered: status 202 \(http:\/\/127\.0\.0\.1:\d+ at 127\.0\.0\.1, after \d+ ms\)$/,
  );
  expect(run.out[2]).toBe('  it said: thanks \\e[31m');
  expect(run.out.join()).not.toContain('s3cret');
  expect(run.err).toBe('');

  expect(received).toHaveLength(1);
  const [{ method, url: path, headers, body } = { method: '', url: '', headers: {}, body: '' }] = received;
  expect([method, path, headers['content-type']]).toEqual(['POST', '/hooks/s3cret?a=b', 'application/json']);
  const id = String(headers['webhook-id']);
  expect(run.out[1]).toBe(`  message ${id}`);
  expect(headers['webhook-timestamp']).toBe(String(Math.floor(NOW_MS / 1000)));
  const signed = createHmac('sha256', KEY).update(`${id}.${String(headers['webhook-timestamp'])}.${body}`);
  expect(headers['webhook-signature']).toBe(`v1,${signed.digest('base64')}`);
  expect(JSON.parse(body)).toMatchObject({
    type: 'whyd.test',
    timestamp: '2026-11-23T12:00:00.500Z',
    data: { test: true, sink: 'ops', whyd: '1.2.3' },
  });
});

test('--json is one line', async () => {
  const url = await receiver((response) => response.writeHead(204).end());
  const run = await sinkTest(configure(url), ['--json']);
  expect(run.out).toHaveLength(1);
  expect(JSON.parse(run.out[0] ?? '')).toMatchObject({
    sink: 'ops',
    to: url,
    delivery: { kind: 'answered', status: 204, address: '127.0.0.1', location: null, body: '' },
    warnings: [],
  });
});

test('a redirect is said and not followed', async () => {
  const url = await receiver((response) => response.writeHead(307, { location: '/elsewhere' }).end());
  const run = await sinkTest(configure(url));
  expect(run.exitCode).toBe(EXIT.failure);
  expect(run.out.join('\n')).toContain('refused: status 307');
  expect(run.out.at(-1)).toBe(
    '  hint: redirects are not followed; if /elsewhere is right, put it into the configuration',
  );
  expect(received.map(({ url: path }) => path)).toEqual(['/']);
});

test.each([
  [401, EXIT.denied, 'secret_file'],
  [403, EXIT.denied, 'secret_file'],
  [404, EXIT.failure, 'check the path'],
  [429, EXIT.failure, 'try again later'],
  [503, EXIT.failure, 'log of the receiver'],
])('status %d exits with %d', async (status, exitCode, hint) => {
  const url = await receiver((response) => response.writeHead(status).end());
  const run = await sinkTest(configure(url));
  expect([run.exitCode, run.out[0]]).toEqual([exitCode, expect.stringContaining(`refused: status ${String(status)}`)]);
  expect(run.out.at(-1)).toContain(hint);
});

test('what came back fits the terminal', async () => {
  const url = await receiver((response) => response.writeHead(500).end(`${'oops '.repeat(20)}${'x'.repeat(500)}`));
  const terminal = fakeTerminal(80);
  await runCli(['sink', 'test', 'ops', '--config', configure(url)], { terminal, engines: { testSink: engine } });
  const { lines } = terminal;
  expect(lines.filter((line) => textWidth(line) > 80)).toEqual([]);
  expect(lines.findLast((line) => line.startsWith('  x'))).toMatch(/^ {2}x+$/);
  expect(lines.at(-1)).toBe('  hint: look into the log of the receiver');
});

test('a body without an end is read to a bound', async () => {
  const url = await receiver((response) => {
    response.writeHead(200);
    const more = (): void => {
      if (!response.destroyed) response.write('x'.repeat(1024), more);
    };
    more();
  });
  const run = await sinkTest(configure(url));
  expect([run.exitCode, run.out[2]]).toEqual([EXIT.ok, `  it said: ${'x'.repeat(200)}`]);
});

describe('what brings no answer is said', () => {
  test('nobody listens', async () => {
    const url = await receiver(() => undefined);
    await new Promise((done) => servers.pop()?.close(done));
    const run = await sinkTest(configure(url));
    expect(run.exitCode).toBe(EXIT.failure);
    expect(run.out[0]).toContain('sink ops: not delivered: connection refused');
    expect(run.out[1]).toBe('  hint: start the receiver, or check host and port');
  });

  test('the receiver takes the message and says nothing', async () => {
    const url = await receiver(() => undefined);
    const run = await sinkTest(configure(url), [], impatient);
    expect([run.exitCode, received.length]).toEqual([EXIT.failure, 1]);
    expect(run.out[0]).toMatch(/no answer in time/);
  });

  test('what answers is no HTTP', async () => {
    const port = await listening(
      createTcpServer((socket) => socket.on('error', () => undefined).end('220 smtp\r\n', () => socket.destroy())),
    );
    const run = await sinkTest(configure(`http://127.0.0.1:${String(port)}`));
    expect([run.exitCode, run.out[0]]).toEqual([EXIT.failure, expect.stringContaining('what came back is not HTTP')]);
  });

  test('what answers does not speak TLS', async () => {
    const url = await receiver((response) => response.end());
    const run = await sinkTest(configure(url.replace('http:', 'https:')));
    expect([run.exitCode, run.out[0]]).toEqual([EXIT.failure, expect.stringContaining('it does not speak TLS')]);
  });

  test('a link-local address is not connected to', async () => {
    const run = await sinkTest(configure('http://169.254.169.254/latest/meta-data'));
    expect([run.exitCode, run.out[0]]).toEqual([EXIT.failure, expect.stringContaining('link-local')]);
    expect(run.out[0]).toContain('169.254.169.254');
  });
});

describe('what cannot be sent', () => {
  test('a sink by another name: the nearest one', async () => {
    const run = await runCli(['sink', 'test', 'opps', '--config', configure('http://h')], {
      engines: { testSink: engine },
    });
    expect([run.exitCode, run.err]).toEqual([
      EXIT.noMatch,
      'whyd: there is no sink "opps"\nhint: Did you mean "ops"? Known: ops.',
    ]);
  });

  test('no sinks at all', async () => {
    const file = join(folder, 'empty.yaml');
    writeFileSync(file, '');
    const run = await sinkTest(file);
    expect([run.exitCode, run.err]).toEqual([EXIT.badConfiguration, expect.stringContaining('names no sinks')]);
  });

  test.each([
    ['hunter2', 'not of the form whsec_<base64>'],
    [`whsec_${Buffer.alloc(8).toString('base64')}`, 'not of the form'],
    ['', 'it is empty'],
    [`${SECRET}\n${SECRET}`, 'several lines'],
  ])('a secret such as %j', async (secret, says) => {
    writeFileSync(join(folder, 'secret'), secret, { mode: 0o600 });
    const run = await sinkTest(configure('http://127.0.0.1:9'));
    expect([run.exitCode, run.err]).toEqual([EXIT.badConfiguration, expect.stringContaining(says)]);
    expect(run.err).not.toContain('hunter2');
  });

  test('a secret that is not there', async () => {
    rmSync(join(folder, 'secret'));
    const run = await sinkTest(configure('http://127.0.0.1:9'));
    expect([run.exitCode, run.err]).toEqual([EXIT.badConfiguration, expect.stringContaining('there is no such file')]);
  });

  test.each(['hunter2', 'https://:hunter2@h/', 'https://hunter2@h/'])(
    'no address in its file (%s), which is not shown',
    async (text) => {
      const file = join(folder, 'whyd.yaml');
      writeFileSync(join(folder, 'address'), text, { mode: 0o600 });
      const sink = '{ name: ops, kind: webhook, url_file: address, secret_file: secret }';
      writeFileSync(file, `tickets: { sinks: [${sink}] }\n`);
      const run = await sinkTest(file);
      expect([run.exitCode, run.err]).toEqual([
        EXIT.badConfiguration,
        expect.stringContaining('no http or https address'),
      ]);
      expect(run.err).not.toContain('hunter2');
    },
  );
});

test('an address can come from a file; files that anybody can read are warned of', async () => {
  const url = await receiver((response) => response.end());
  writeFileSync(join(folder, 'address'), `${url}/T0/B1\n`, { mode: 0o644 });
  const file = join(folder, 'whyd.yaml');
  const sink = '{ name: ops, kind: webhook, url_file: address, secret_file: secret }';
  writeFileSync(file, `tickets: { sinks: [${sink}] }\n`);
  const run = await sinkTest(file);
  expect([run.exitCode, received[0]?.url]).toEqual([EXIT.ok, '/T0/B1']);
  expect(run.err).toContain(`any user of this host can read it; run chmod 600 ${join(folder, 'address')}`);
});

test('the example of Standard Webhooks', () => {
  const key = readSigningKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampS: 1614265330, body: '{"test": 2432232314}' };
  expect(signatureHeaders(message, key ?? Buffer.alloc(0))['webhook-signature']).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test('only what was resolved is connected to', () => {
  const lookup = fixedLookup([{ address: '192.0.2.1', family: 4 }]);
  const answers: unknown[] = [];
  lookup('anything.example', {}, (_error, address) => answers.push(address));
  lookup('anything.example', { all: true }, (_error, addresses) => answers.push(addresses));
  expect(answers).toEqual(['192.0.2.1', [{ address: '192.0.2.1', family: 4 }]]);
});

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['::1', true],
  ['169.254.1.1', false],
  ['::ffff:169.254.169.254', false],
  ['0.0.0.0', false],
  ['255.255.255.255', false],
  ['fe80::1', false],
  ['ff02::1', false],
  ['::', false],
])('%s: allowed %s', (address, allowed) => {
  expect(isAllowed(address)).toBe(allowed);
});
