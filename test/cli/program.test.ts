import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AnalyzeSettings, Engines, ParseSettings } from '../../src/cli/engines.ts';
import { COUNTED_UP_TO } from '../../src/counted-up-to.ts';
import { createClient } from '../../src/cli/client.ts';
import { drawProgress } from '../../src/cli/progress-bar.ts';
import { runDaemon } from '../../src/cli/run-daemon.ts';
import { VERBS } from '../../src/cli/verb-table.ts';
import { onStopSignal, type SignalSource } from '../../src/cli/stop-signal.ts';
import { EXIT, WhydError } from '../../src/errors.ts';
import { apiOver, type TestApi } from '../api/api-over.ts';
import { makeDropped, makeVerdict, makeSource } from '../query/memory-reader.ts';
import { OPENING, postgresError } from '../store/samples.ts';
import { fakeTerminal, runCli, TEST_CLOCK, type Run } from './fake-terminal.ts';

const TOKEN = 'a-token-that-is-long-enough-for-tests';
const two = makeVerdict({ id: 'f_0002bbbb', at: '2026-11-23T11:00:00.000Z', issue: 'i_2' });

let folder = '';
let tokenFile = '';
let url = '';
let api: TestApi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-cli-'));
  tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  api = apiOver([makeVerdict(), two], { token: TOKEN, clock: () => TEST_CLOCK });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

function ask(...args: readonly string[]): Promise<Run> {
  return runCli([...args, '--url', url, '--token-file', tokenFile]);
}

/** A Postgres log of which everything between two moments was lost. */
function loseLines({ index }: TestApi, from: string, to: string): void {
  const us = (time: string): number => Date.parse(time) * 1000;
  const before = index.openFile(OPENING);
  index.commit({ events: [postgresError(before, 0, us(from))], checkpoints: [] });
  const after = index.openFile({ ...OPENING, generation: 1 });
  const citation = { fileId: after, file: 'postgresql.log', line: 0, lines: 0, byteStart: -1, byteEnd: -1 };
  const lost = { kind: 'gap', at: null, citation, format: 'postgres_stderr', reason: 'truncated' } as const;
  index.commit({ events: [{ ...lost, bytesLost: null }, postgresError(after, 0, us(to))], checkpoints: [] });
}

describe('why', () => {
  test('one match: the verdict, exit 0', async () => {
    const run = await ask('why', 'last');
    expect(run.exitCode).toBe(EXIT.ok);
    expect(run.out[0]).toBe('2026-11-23 11:00:00 +00:00  atomic_write got HTTP 500  f_0002bbbb');
    expect(run.err).toBe('');
  });

  test('a time nearby says how far', async () => {
    expect((await ask('why', '11:00:31')).err).toBe('The nearest failure, 30 s away:');
  });

  test('several: a list with ids, exit 4', async () => {
    const run = await ask('why', '40P01');
    expect(run.exitCode).toBe(EXIT.ambiguous);
    expect(run.out).toEqual([
      '2026-11-23 11:00:00  atomic_write  deadlock 40P01  certain, 99%',
      '  Two transactions waited for each other and Postgres ended this one.',
      '  ERROR: deadlock detected DETAIL: Process 3121 waits for ShareLock',
      '  denokv.log:124 <- postgresql.log:456',
      '  whyd why f_0002bbbb',
      '2026-11-23 10:22:05  atomic_write  deadlock 40P01  certain, 99%',
      '  Two transactions waited for each other and Postgres ended this one.',
      '  ERROR: deadlock detected DETAIL: Process 3121 waits for ShareLock',
      '  denokv.log:124 <- postgresql.log:456',
      '  whyd why f_0001aaaa',
    ]);
    expect(run.err).toContain('2 failures match "40P01" (by sqlstate)');
  });

  test('a request that got no answer: what became of it, exit 0', async () => {
    const dropped = [makeDropped(), makeDropped({ id: 'd_0002bbbb', at: '2026-11-23T10:40:00.250Z' })];
    api.save({ verdicts: [], dropped: dropped.map((one) => ({ dropped: one, isSettled: true })) });
    const run = await ask('why', 'c0ffee00c0ffee00');
    expect(run).toEqual({
      exitCode: EXIT.ok,
      err: '',
      out: [
        '2026-11-23 10:40:00.250 +00:00  atomic_write got no answer (502)',
        'why       panic  likely, 97%',
        '          denokv panicked over this request.',
        'request   c0ffee00c0ffee00',
        'proxy     access.json.log:9',
        '          POST /v2/atomic_write 502',
        'root      denokv.log:88  corrupted_data',
        "          thread 'tokio' panicked at src/main.rs",
        'because   + a panic stands where the answer should (panic 3.5)',
        'do        Read the panic.',
        'before    1 attempt went the same way',
      ],
    });
  });

  test('none: what was read, exit 3, nothing on stdout', async () => {
    const run = await ask('why', 'no\x1bsuch');
    expect([run.exitCode, run.out]).toEqual([EXIT.noMatch, []]);
    expect(run.err).toContain('whyd: no failure matches "no\\esuch"');
    expect(run.err).toContain('/var/log/denokv.log: following, read up to 2026-11-23 10:22:05');
  });

  test("a clock time is the caller's, whatever the daemon's zone", async () => {
    const clock = (): typeof TEST_CLOCK => ({ ...TEST_CLOCK, zone: 'Asia/Tokyo' });
    const args = ['why', '19:22:05', '--url', url, '--token-file', tokenFile];
    const run = await runCli(args, { clock });
    expect([run.exitCode, run.err]).toEqual([EXIT.ok, '']);
    expect(run.out[0]).toContain('2026-11-23 19:22:05 +09:00');
    const utc = await ask('why', '19:22:05');
    expect([utc.exitCode, utc.err]).toEqual([
      EXIT.noMatch,
      expect.stringContaining('matches "19:22:05" (2026-11-22 19:22:05 +00:00)'),
    ]);
  });

  test('no match at a clock time: how it was read, and how to name another day', async () => {
    const { exitCode, err } = await ask('why', '04:00:01');
    expect(exitCode).toBe(EXIT.noMatch);
    expect(err).toContain('whyd: no failure matches "04:00:01" (2026-11-23 04:00:01 +00:00)');
    expect(err).toContain('of another day: whyd why "2026-11-23 04:00:01"');
  });

  test('where lines were lost is told with both ends, to no match and beside candidates', async () => {
    const server = apiOver([makeVerdict(), two], { token: TOKEN, clock: () => TEST_CLOCK });
    try {
      loseLines(server, '2026-11-23T09:00:00.000Z', '2026-11-23T09:05:00.000Z');
      const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
      const clock = (): typeof TEST_CLOCK => ({ ...TEST_CLOCK, zone: 'Asia/Tokyo' });
      const run = (...args: readonly string[]): Promise<Run> =>
        runCli(['why', ...args, '--url', address, '--token-file', tokenFile], { clock });
      const says =
        'not covered: the Postgres log has a gap from 2026-11-23 18:00:00 to 2026-11-23 18:05:00: it was truncated';
      expect((await run('2026-11-23T09:02:00Z')).err).toContain(says);
      const ambiguous = await run('40P01');
      expect([ambiguous.exitCode, ambiguous.err]).toEqual([EXIT.ambiguous, expect.stringContaining(says)]);
      const json = JSON.parse((await run('40P01', '--json')).out[0] ?? '') as unknown;
      expect(json).toMatchObject({
        gaps: [{ kind: 'postgres', from: '2026-11-23T09:00:00.000Z', to: '2026-11-23T09:05:00.000Z' }],
      });
    } finally {
      await server.close();
    }
  });

  test('--json is one line, with the same exit codes', async () => {
    const run = await ask('why', 'deadlock', '--json');
    expect([run.exitCode, run.out.length]).toEqual([EXIT.ambiguous, 1]);
    expect(JSON.parse(run.out[0] ?? '')).toMatchObject({ result: 'ambiguous', total: 2 });
  });

  test('a blank question is a usage error that says what to give', async () => {
    const run = await ask('why', ' ');
    expect([run.exitCode, run.err]).toEqual([EXIT.usage, expect.stringContaining('Give last, an id, a time')]);
  });

  test('no match at a time names the last failure before it', async () => {
    const { exitCode, err } = await ask('why', '2026-11-23T10:40:00Z');
    expect(exitCode).toBe(EXIT.noMatch);
    expect(err).toContain('The last one before it, 2026-11-23 10:22:05 (17 min 55 s earlier):\n  whyd why f_0001aaaa');
    expect((await ask('why', '2026-11-23T10:00:00Z')).err).not.toContain('before it');
  });

  test.each([
    ['25:99:00', "hint: 25:99:00 is no time of day, so it was looked for in the errors' texts"],
    ['dedlok', 'hint: did you mean deadlock?'],
    ['i_rj48', 'hint: the ids of issues and incidents are given whole'],
    ['[users,alice]', `hint: a key is JSON in single quotes, such as '["users","alice"]'`],
  ])('no match for %s: what was probably meant', async (what, hint) => {
    const { exitCode, err } = await ask('why', what);
    expect([exitCode, err]).toEqual([EXIT.noMatch, expect.stringContaining(hint)]);
  });

  test('no match for a cause that has not happened, or for any other word: no guess', async () => {
    for (const what of ['disk_full', 'nosuch']) expect((await ask('why', what)).err).not.toContain('hint:');
  });

  test('a count that the daemon stopped at is told as such', async () => {
    const alike = Array.from({ length: COUNTED_UP_TO + 2 }, (_, index) => makeVerdict({ id: `f_${String(index)}` }));
    const server = apiOver([...alike, two], { token: TOKEN, clock: () => TEST_CLOCK });
    try {
      const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
      const args = ['why', '40P01', '--url', address, '--token-file', tokenFile];
      expect((await runCli(args)).err).toContain(
        `${String(COUNTED_UP_TO)} or more failures match "40P01" (by sqlstate)`,
      );
    } finally {
      await server.close();
    }
  });
});

describe('failures', () => {
  test('list, with filters and a limit', async () => {
    const limited = await ask('failures', '--limit', '1');
    expect(limited.out.map((line) => line.slice(0, 10))).toEqual(['f_0002bbbb']);
    expect(limited.err).toContain('--limit 2');
    const since = await ask('failures', '--since', '2026-11-23T10:30Z', '--json');
    expect(since.out.map((line) => JSON.parse(line) as unknown)).toEqual([two]);
    const none = await ask('failures', '--cause', 'disk_full');
    expect([none.exitCode, none.out, none.err]).toEqual([EXIT.ok, [], 'No failures.']);
    expect((await ask('failures', '--issue', 'i_rj48')).err).toBe(
      'No failures. The id of an issue or incident is given whole.',
    );
  });

  test('retries are one line with their count, each of them with --retries', async () => {
    const tries = [4, 3, 2, 1].map((attempt) =>
      makeVerdict({
        id: `f_000${String(attempt)}cccc`,
        at: `2026-11-23T11:00:0${String(attempt)}.000Z`,
        episode: { id: 'e_1', attempt },
      }),
    );
    const server = apiOver([...tries, makeVerdict()], { token: TOKEN, clock: () => TEST_CLOCK });
    try {
      const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
      const run = (...args: readonly string[]): Promise<Run> =>
        runCli(['failures', ...args, '--url', address, '--token-file', tokenFile]);
      const folded = await run();
      expect(folded.out.map((line) => /^(\S+) .* (deadlock(?: x\d)?) /.exec(line)?.slice(1))).toEqual([
        ['f_0004cccc', 'deadlock x4'],
        ['f_0001aaaa', 'deadlock'],
      ]);
      expect(folded.err).toBe('Times are +00:00 (UTC).\nx3: one request, sent three times; --retries lists each try.');
      // The limit counts what is shown: behind the first page lies the second request.
      expect((await run('--limit', '2')).out).toHaveLength(2);
      const one = await run('--limit', '1');
      expect([one.out.length, one.err]).toEqual([1, expect.stringContaining('There are more')]);
      expect((await run('--retries')).out).toHaveLength(5);
      expect((await run('--json')).out).toHaveLength(5);
    } finally {
      await server.close();
    }
  });

  test('are fetched page by page', async () => {
    const many = Array.from({ length: 1_203 }, (_, index) => makeVerdict({ id: `f_${String(index)}` }));
    const server = apiOver(many, { token: TOKEN, clock: () => TEST_CLOCK });
    try {
      const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
      const args = ['failures', '--limit', '1100', '--json', '--url', address, '--token-file', tokenFile];
      const { out } = await runCli(args);
      expect(new Set(out).size).toBe(1_100);
    } finally {
      await server.close();
    }
  });

  test('a cause that does not exist is an error that names the nearest', async () => {
    const run = await ask('failures', '--cause', 'deadlok');
    expect([run.exitCode, run.out]).toEqual([EXIT.usage, []]);
    expect(run.err).toBe('whyd: there is no cause "deadlok"\nhint: Did you mean deadlock?');
    expect((await ask('failures', '--cause', 'zzzzzzzzzzzzz')).err).toContain(
      'hint: Known: auth_timeout, authentication_failed, ',
    );
  });

  test('times in the wrong order are refused: "none" would be a lie', async () => {
    const run = await ask('failures', '--since', '11:30', '--until', '11:00');
    expect([run.exitCode, run.out]).toEqual([EXIT.usage, []]);
    expect(run.err).toMatch(/^whyd: --since 2026-11-23T11:30:00\.000Z is not before --until .*\nhint: /);
  });

  test.each([
    ['1m', '2h', 'A span means so long ago: --since 2h --until 1m.'],
    ['1h', '1h', 'A span means so long ago, and --since has to be the earlier one.'],
    ['1m', '11:00', 'A span means so long ago, and --since has to be the earlier one.'],
    ['11:30', '11:00', 'A clock time is one of the last 24 hours; of another day: "2026-11-23 14:03:12".'],
  ])('--since %s --until %s: the hint speaks of what was written', async (since, until, hint) => {
    expect((await ask('failures', '--since', since, '--until', until)).err).toMatch(new RegExp(`\nhint: ${hint}$`));
  });

  test.each([
    ['--sqlstate', '40P'],
    ['--since', 'soon'],
    ['--limit', '0'],
    ['--certainty', 'sure'],
    ['--operation', 'read'],
  ])('refuse %s %s', async (flag, value) => {
    const run = await ask('failures', flag, value);
    expect([run.exitCode, run.out]).toEqual([EXIT.usage, []]);
  });
});

test('sources shows each log', async () => {
  const run = await ask('sources');
  expect(run.out).toEqual([
    'denokv /var/log/denokv.log following',
    '  1000 of 1000 bytes, 0 behind, 0 gaps; newest event 2026-11-23 10:22:05',
    '  denokv (100% sure); 20 lines, 10 events, 0 not understood',
  ]);
  expect(JSON.parse((await ask('sources', '--json')).out[0] ?? '')).toEqual(makeSource());
});

describe('token', () => {
  test('is printed', async () => {
    expect((await runCli(['token', '--token-file', tokenFile])).out).toEqual([TOKEN]);
    expect((await runCli(['token'], { env: { WHYD_API_TOKEN_FILE: tokenFile } })).out).toEqual([TOKEN]);
  });

  test('is listed with the zone of the times', async () => {
    const own = mkdtempSync(join(folder, 'listed-'));
    const file = join(own, 'token');
    expect((await runCli(['token', 'list', '--token-file', file])).err).toBe('No token was made so.');
    await runCli(['token', 'create', 'grafana', '--token-file', file]);
    const run = await runCli(['token', 'list', '--token-file', file]);
    expect([run.out.length, run.err]).toEqual([1, 'Times are +00:00 (UTC).']);
    expect((await runCli(['token', 'list', '--json', '--token-file', file])).err).toBe('');
  });

  test('that is missing is an error with a hint', async () => {
    const run = await runCli(['token', '--token-file', join(folder, 'none')]);
    expect([run.exitCode, run.out]).toEqual([EXIT.failure, []]);
    expect(run.err).toMatch(/^whyd: token file .*\nhint: /);
  });
});

describe('the daemon', () => {
  test('that is not there: exit 5 with a hint', async () => {
    const run = await runCli(['why', 'last', '--url', 'http://127.0.0.1:1', '--token-file', tokenFile]);
    expect(run.exitCode).toBe(EXIT.unreachable);
    expect(run.err).toMatch(/^whyd: no whyd daemon at http:\/\/127\.0\.0\.1:1: .*\nhint: Start it with whyd run/);
  });

  test('that refuses the token: exit 6', async () => {
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, 'x'.repeat(43), { mode: 0o600 });
    const run = await runCli(['sources', '--url', url, '--token-file', wrong]);
    expect(run.exitCode).toBe(EXIT.denied);
    expect(run.err).toContain('hint: Give the daemon');
  });

  test('no token file: exit 5 without a daemon, 6 with one', async () => {
    const none = join(folder, 'none');
    const away = await runCli(['why', 'last', '--url', 'http://127.0.0.1:1', '--token-file', none]);
    expect(away.exitCode).toBe(EXIT.unreachable);
    const there = await runCli(['why', 'last', '--url', url, '--token-file', none]);
    expect([there.exitCode, there.err]).toEqual([
      EXIT.denied,
      `whyd: the daemon wants a token, and there is no token file ${none}\n` +
        "hint: Name the daemon's with --token-file: it lies beside its index.",
    ]);
  });

  test('an address that is none: exit 2', async () => {
    const run = await runCli(['sources', '--url', 'ftp://x', '--token-file', tokenFile]);
    expect(run.exitCode).toBe(EXIT.usage);
  });

  describe('that is another program', () => {
    let other: Server | null = null;
    afterEach(() => {
      other?.closeAllConnections();
      other?.close();
    });

    async function serve(body: string | null, status = 200): Promise<string> {
      const server = createServer((_request, response) => {
        if (body !== null) response.writeHead(status, { location: url }).end(body);
      });
      other = server;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    }

    test.each<[string | null, number, number]>([
      ['<html>', 200, EXIT.unreachable],
      ['{"hello":1}', 200, EXIT.unreachable],
      ['', 302, EXIT.unreachable],
      [null, 200, EXIT.unreachable],
      ['{"detail":"broken"}', 500, EXIT.failure],
    ])('%j %i', async (body, status, exitCode) => {
      const client = createClient({ url: await serve(body, status), token: TOKEN, timeoutMs: 200 });
      const error = await client.why('x').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(WhydError);
      expect(error).toMatchObject({ exitCode });
    });
  });
});

describe('the command line', () => {
  test('without a verb shows the help on stderr: exit 2', async () => {
    const run = await runCli([]);
    expect([run.exitCode, run.out]).toEqual([EXIT.usage, []]);
    expect(run.err).toContain('Usage: whyd');
  });

  test.each([['help'], ['--help'], ['help', 'why'], ['why', '--help'], ['config', 'check', '--help']])(
    'help goes to stdout: %s %s',
    async (...args) => {
      const run = await runCli(args);
      expect([run.exitCode, run.err]).toEqual([EXIT.ok, '']);
      expect(run.out.join('\n')).toContain('Usage: whyd');
    },
  );

  test('every help fits a terminal of 80 columns', async () => {
    const engines: Engines = {
      ...allEngines(),
      checkup: () => Promise.resolve([]),
      testSink: () => Promise.reject(new Error('no help needs it')),
    };
    const verbs = Object.keys(VERBS).map((name) => [name]);
    const inner = [
      ...['list', 'show', 'mute', 'resolve', 'reopen'].map((verb) => ['issues', verb]),
      ...['create', 'list', 'revoke'].map((verb) => ['token', verb]),
      ...['check', 'backup'].map((verb) => ['db', verb]),
      ['config', 'check'],
      ['sink', 'test'],
    ];
    for (const args of [[], ...verbs, ...inner]) {
      const { out, exitCode } = await runCli([...args, '--help'], { engines });
      expect(exitCode, args.join(' ')).toBe(EXIT.ok);
      const lines = out.join('\n').split('\n');
      expect(lines[0], args.join(' ')).toContain(['Usage: whyd', ...args].join(' '));
      expect(
        lines.filter((line) => line.length > 80),
        args.join(' '),
      ).toEqual([]);
    }
  });

  test('every verb shows examples and demo stays hidden', async () => {
    const engines = allEngines();
    for (const verb of ['run', 'analyze', 'parse', 'why', 'failures', 'sources', 'token']) {
      expect((await runCli([verb, '--help'], { engines })).out.join('\n')).toContain('Examples:\n  ');
    }
    const help = (await runCli(['help'], { engines })).out.join('\n');
    expect(help).toContain('analyze');
    expect(help).not.toContain('demo');
  });

  test('suggests what was meant', async () => {
    const verb = await runCli(['wyh', 'last']);
    expect([verb.exitCode, verb.err]).toEqual([EXIT.usage, "error: unknown command 'wyh'\n(Did you mean why?)"]);
    const option = await runCli(['why', 'last', '--ful']);
    expect([option.exitCode, option.err]).toEqual([
      EXIT.usage,
      "error: unknown option '--ful'\n(Did you mean --full?)\nusage: whyd why [options] <what>\nhint: whyd why --help says more",
    ]);
  });

  test.each([
    [
      'issues',
      'mut',
      'whyd issues has no verb "mut"',
      'Did you mean whyd issues mute? Known: list, show, mute, resolve, reopen.',
    ],
    [
      'token',
      'creat',
      'whyd token has no verb "creat"',
      'Did you mean whyd token create? Known: create, list, revoke.',
    ],
    ['issues', '\u001b[31mx', 'whyd issues has no verb "\\e[31mx"', 'Known: list, show, mute, resolve, reopen.'],
  ])('suggests the verb below %s that %j was meant to be', async (verb, word, says, hint) => {
    const run = await runCli([verb, word, 'x']);
    expect([run.exitCode, run.out, run.err]).toEqual([EXIT.usage, [], `whyd: ${says}\nhint: ${hint}`]);
  });

  test('--version', async () => {
    expect(await runCli(['--version'])).toEqual({ exitCode: EXIT.ok, out: ['1.2.3'], err: '' });
  });
});

describe('config check', () => {
  test('a good file', async () => {
    const file = join(folder, 'good.yaml');
    writeFileSync(
      file,
      'sources: [{ kind: denokv, path: /x.log }]\ntickets: { sinks: [{ name: a, kind: webhook, url: "http://h", secret_file: /s }] }\n',
    );
    const run = await runCli(['config', 'check', file]);
    expect([run.exitCode, run.out[1]]).toEqual([EXIT.ok, 'source denokv: /x.log']);
    expect(run.err).toContain('no ticket is opened yet');
    const inlets = join(folder, 'inlets.yaml');
    writeFileSync(
      inlets,
      'sources:\n  - { kind: denokv, stdin: true }\n  - { kind: postgres, syslog: { listen: 127.0.0.1:5514 } }\n  - { kind: proxy, journald: { unit: nginx.service } }\nindex: { keep: { size: 1.5GiB } }\n',
    );
    expect((await runCli(['config', 'check', inlets])).out).toEqual([
      `${inlets}: good, 3 sources`,
      'source denokv: standard input',
      'source postgres: syslog on 127.0.0.1:5514',
      'source proxy: journal of nginx.service',
      expect.stringContaining('kept for 30 days or 1.5 GiB'),
      expect.stringContaining('api 127.0.0.1:7433'),
    ]);
    const json = await runCli(['config', 'check', '--config', file, '--json']);
    expect(JSON.parse(json.out[0] ?? '')).toMatchObject({ file, api: { listen: { port: 7433 } } });
  });

  test('a bad file: exit 78', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'sorces: []\n');
    const run = await runCli(['config', 'check', file]);
    expect([run.exitCode, run.out]).toEqual([EXIT.badConfiguration, []]);
    expect(run.err).toContain('hint: Did you mean "sources"?');
  });

  test('says all that is wrong, in the order of the lines', async () => {
    const file = join(folder, 'many.yaml');
    writeFileSync(
      file,
      [
        'sources:',
        '  - { kind: denokvv, path: /x.log }',
        '  - { kind: postgres, pth: /y.log }',
        '  - { kind: proxy, path: /z.log, timezone: Mars }',
        'sinse: 24h',
        'index: { keep: { days: 0, size: lots } }',
        'api: { listen: 0.0.0.0:7433, behind_proxy: maybe }',
        'tickets: { sinks: [{ kind: webhook, name: "a b", url: "ftp://x" }], rules: [1] }',
        '',
      ].join('\n'),
    );
    const run = await runCli(['config', 'check', file], { env: { WHYD_SINCE: 'soon' } });
    expect([run.exitCode, run.out]).toEqual([EXIT.badConfiguration, []]);
    const lines = run.err.split('\n');
    const places = lines.filter((line) => line.startsWith('whyd: ')).map((line) => line.replaceAll(`${file}:`, ''));
    expect(places.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      '2: sources[0].kind:',
      '3: sources[1].pth:',
      '4: sources[2].timezone:',
      '5: sinse:',
      '6: index.keep.days:',
      '6: index.keep.size:',
      '7: api.behind_proxy:',
      '7: api.listen:',
      '8: tickets.rules:',
      '8: tickets.sinks[0].name:',
      '8: tickets.sinks[0].url:',
      '8: tickets.sinks[0]:',
      'WHYD_SINCE: "soon"',
    ]);
    expect(lines.filter((line) => line.startsWith('hint: '))).toHaveLength(places.length);
  });

  test('says every line that is no YAML', async () => {
    const file = join(folder, 'torn.yaml');
    writeFileSync(file, 'sources: [\nindex: { path: "x }\n');
    const run = await runCli(['config', 'check', file]);
    expect(run.exitCode).toBe(EXIT.badConfiguration);
    expect(run.err.match(/not valid YAML/g)?.length).toBeGreaterThan(1);
  });

  test('no file: exit 2', async () => {
    expect((await runCli(['config', 'check'])).exitCode).toBe(EXIT.usage);
  });
});

function allEngines(seen: unknown[] = []): Engines {
  const daemon = {
    url: 'http://127.0.0.1:1',
    token: TOKEN,
    finished: Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return {
    analyze: (inputs: readonly string[], settings: AnalyzeSettings) => {
      seen.push(inputs, settings);
      return Promise.resolve({ verdicts: [two], incidents: [], sources: [makeSource()], findings: ['one finding'] });
    },
    parse: async (inputs: readonly string[], settings: ParseSettings) => {
      seen.push(inputs, settings);
      const citation = { fileId: 0, file: 'a.log', line: 7, lines: 1, byteStart: 0, byteEnd: 9 };
      settings.onEvents([{ kind: 'gap', at: null, citation, format: 'denokv', reason: 'lost', bytesLost: null }]);
      await settings.whenReady();
      return ['one finding'];
    },
    startDaemon: (config, hooks) => {
      seen.push(config);
      hooks.onFailure(two);
      hooks.onMessage('reading');
      return Promise.resolve(daemon);
    },
    startDemo: (settings, hooks) => {
      seen.push(settings);
      hooks.onFailure(two);
      return Promise.resolve({ ...daemon, tokenFile: '/tmp/whyd-1/token' });
    },
  };
}

describe('the verbs with an engine', () => {
  test('analyze', async () => {
    const seen: unknown[] = [];
    const args = ['analyze', 'a.log', '-', '--timezone', 'UTC', '--prefix', '%m ', '--since', '1h', '--until', '12:00'];
    const run = await runCli(args, { engines: allEngines(seen) });
    expect(run.exitCode).toBe(EXIT.ok);
    expect(run.out[0]).toContain('1 failure (HTTP 500) at 2026-11-23 11:00:00');
    expect(seen[0]).toEqual(['a.log', '-']);
    expect(seen[1]).toMatchObject({
      timezone: 'UTC',
      linePrefix: '%m ',
      sinceUs: Date.parse('2026-11-23T11:00:00Z') * 1_000,
      untilUs: Date.parse('2026-11-23T12:00:00Z') * 1_000,
    });
  });

  test('analyze --json keeps stdout for verdicts', async () => {
    const run = await runCli(['analyze', 'a.log', '--json'], { engines: allEngines() });
    expect(run.out.map((line) => JSON.parse(line) as unknown)).toEqual([two]);
    expect(run.err).toContain('one finding');
  });

  test('analyze without a path, or with an unknown zone', async () => {
    const engines = allEngines();
    expect((await runCli(['analyze'], { engines })).exitCode).toBe(EXIT.usage);
    expect((await runCli(['analyze', 'a', '--timezone', 'Mars'], { engines })).exitCode).toBe(EXIT.usage);
  });

  test('parse', async () => {
    const seen: unknown[] = [];
    const run = await runCli(['parse', 'a.log', '--json', '--all'], { engines: allEngines(seen) });
    expect(JSON.parse(run.out[0] ?? '')).toMatchObject({ file: 'a.log', kind: 'gap', message: 'lost' });
    expect(run.err).toBe('one finding');
    expect(seen[1]).toMatchObject({ all: true, timezone: null });
  });

  test('run needs sources', async () => {
    const run = await runCli(['run'], { engines: allEngines() });
    expect(run.exitCode).toBe(EXIT.badConfiguration);
    expect(run.err).toContain('there is no log to follow');
  });

  test('run prints failures to stdout and the address, not the token, to stderr', async () => {
    const file = join(folder, 'run.yaml');
    writeFileSync(file, 'sources: [{ kind: denokv, path: /x.log }]\n');
    const seen: unknown[] = [];
    const args = ['run', '--config', file, '--listen', '127.0.0.1:0', '--index', '/i.db'];
    const run = await runCli(args, { engines: allEngines(seen) });
    expect(run.exitCode).toBe(EXIT.ok);
    expect(run.out).toHaveLength(1);
    expect(run.err).toBe(
      'whyd: reading\nwhyd: listening on http://127.0.0.1:1, token in /token\nwhyd: the dashboard is at http://127.0.0.1:1/ and asks for that token, which whyd token prints',
    );
    expect(seen[0]).toMatchObject({ index: { path: '/i.db' }, api: { listen: { port: 0 } } });
  });

  test('demo shows how to ask', async () => {
    const seen: unknown[] = [];
    const run = await runCli(['demo', '--speed', '5'], { engines: allEngines(seen) });
    expect([run.exitCode, seen]).toEqual([EXIT.ok, [{ speed: 5 }]]);
    expect(run.err).toContain(
      '\n  node dist/cli/main.js why last --url http://127.0.0.1:1 --token-file /tmp/whyd-1/token\n',
    );
    expect(run.err).toContain(`http://127.0.0.1:1/#token=${TOKEN}`);
  });

  test('an unknown error asks to be reported', async () => {
    const engines: Engines = { parse: () => Promise.reject(new TypeError('x is not\na function')) };
    const run = await runCli(['parse', 'a'], { engines });
    expect(run.exitCode).toBe(EXIT.failure);
    expect(run.err).toMatch(/^whyd: a bug in whyd: TypeError: x is not a function \(please report it/);
    expect(run.err).not.toContain(' at ');
    expect((await runCli(['parse', 'a'], { engines, env: { WHYD_DEBUG: '1' } })).err).toContain('program.test.ts');
  });

  test('the stack of an error is inert', async () => {
    const engines: Engines = { parse: () => Promise.reject(new WhydError('x.y', 'said \x1b[2J\u202e by a log')) };
    const { err } = await runCli(['parse', 'a'], { engines, env: { WHYD_DEBUG: '1' } });
    expect(err).toContain('    at ');
    expect(err.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });
});

describe('stopping', () => {
  function fakeSignals(): SignalSource & { readonly listeners: Map<string, () => void>; readonly exits: number[] } {
    const listeners = new Map<string, () => void>();
    const exits: number[] = [];
    return {
      listeners,
      exits,
      on: (signal, listener) => listeners.set(signal, listener),
      off: (signal) => listeners.delete(signal),
      exit: (code) => exits.push(code),
    };
  }

  test('the first signal stops, the second leaves at once', () => {
    const signals = fakeSignals();
    let stops = 0;
    const release = onStopSignal(() => {
      stops += 1;
    }, signals);
    signals.listeners.get('SIGINT')?.();
    expect([stops, signals.exits]).toEqual([1, []]);
    signals.listeners.get('SIGTERM')?.();
    expect(signals.exits).toEqual([130]);
    release();
    expect(signals.listeners.size).toBe(0);
  });

  test('closes the daemon, whether told to stop or failing by itself', async () => {
    const closed: string[] = [];
    const start = (finished: Promise<void>) => () =>
      Promise.resolve({
        url: '',
        token: '',
        finished,
        close: () => {
          closed.push('closed');
          return Promise.resolve();
        },
      });
    const signals = fakeSignals();
    const parts = { terminal: fakeTerminal(), env: {}, clock: () => TEST_CLOCK, setExitCode: () => undefined };
    const stop = (): void => signals.listeners.get('SIGINT')?.();
    await runDaemon(parts, start(new Promise(() => undefined)), stop, signals);
    expect(closed).toEqual(['closed']);
    const failing = Promise.reject(new Error('disk'));
    await expect(runDaemon(parts, start(failing), () => undefined, signals)).rejects.toThrow('disk');
    expect([closed.length, signals.listeners.size]).toEqual([2, 0]);
  });
});

test('progress', () => {
  expect(drawProgress({ doneBytes: 5e6, totalBytes: 1e7 })).toBe(
    'reading [###############...............]  50% 5.0 MB',
  );
  expect(drawProgress({ doneBytes: 5e6, totalBytes: null }, 'replaying')).toBe('replaying 5.0 MB');
});
