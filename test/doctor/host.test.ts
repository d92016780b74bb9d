import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkup, type Finding } from '../../src/checkup.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { whyDenied } from '../../src/doctor/host/access.ts';
import { EXIT } from '../../src/errors.ts';
import { apiOver } from '../api/api-over.ts';
import { runCli, type Run } from '../cli/fake-terminal.ts';

const CAPTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'logs');
const POSTGRES = join(CAPTURES, 'csvlog-16', 'postgresql-2026-11-23_053716.csv');
const DENOKV = join(CAPTURES, 'csvlog-16', 'denokv.log');
const START =
  '[2026-11-23T05:00:00Z INFO  denokv] Opened PostgreSQL database at postgresql://kv:hunter2@h/kv?application_name=kv\n';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-host-'));
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  copyFileSync(DENOKV, join(folder, 'denokv.log'));
  copyFileSync(POSTGRES, join(folder, 'postgres.csv'));
  const access = {
    time_iso8601: '2026-11-23T05:00:00+00:00',
    status: '200',
    request: 'POST /v2/snapshot_read HTTP/1.1',
    request_id: 'a1',
  };
  writeFileSync(join(folder, 'access.log'), `${JSON.stringify(access)}\n`.repeat(5));
});

afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

interface Host {
  readonly denokv?: string;
  readonly postgres?: string;
  readonly proxy?: string | null;
  readonly keep?: string;
}

function configure({
  denokv = 'path: denokv.log',
  postgres = 'path: postgres.csv',
  proxy = 'path: access.log',
  keep = '1MiB',
}: Host): string {
  const file = join(folder, 'whyd.yaml');
  const lines = [
    'sources:',
    `  - { kind: denokv, ${denokv} }`,
    `  - { kind: postgres, ${postgres} }`,
    ...(proxy === null ? [] : [`  - { kind: proxy, ${proxy} }`]),
    `index: { path: state/whyd.db, keep: { size: ${keep} } }`,
    'api: { listen: 127.0.0.1:0 }',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

async function examine(host: Host = {}): Promise<readonly Finding[]> {
  const file = configure(host);
  return checkup(loadConfig({ file, env: {}, flags: {} }), file);
}

function of(findings: readonly Finding[], check: string, name = ''): Finding {
  const found = findings.find((finding) => finding.check === check && finding.says.includes(name));
  if (found === undefined) throw new Error(`no finding for ${check}: ${findings.map((one) => one.check).join()}`);
  return found;
}

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** Lines of a stderr log with the given prefix for each, as `n`-th. */
function stderrLog(prefix: (n: number) => string, says: (n: number) => string, count = 30): string {
  return Array.from({ length: count }, (_, n) => `${prefix(n)}${says(n)}\n`).join('');
}

const stamp = (n: number): string =>
  `2026-11-23 05:00:${String(n % 60).padStart(2, '0')}.123 UTC [${String(900 + n)}] `;

test('a host in good order: nothing but that denokv prints whole seconds', async () => {
  const findings = (await examine()).filter(({ result }) => result !== 'ok');
  expect(findings.map(({ check }) => check)).toEqual(['denokv.precision', 'index.gaps']);
});

describe('what is not in order', () => {
  interface Case {
    readonly check: string;
    readonly result: Finding['result'];
    readonly says: RegExp;
    readonly change: RegExp;
    readonly host?: Host;
    readonly arrange?: () => void;
    /** The same check without the fault; by default the good host's. */
    readonly good?: RegExp;
  }
  const cases: readonly (readonly [string, Case])[] = [
    [
      'a path that leads nowhere',
      {
        check: 'source.readable',
        result: 'problem',
        host: { postgres: 'path: nosuch/*.log' },
        says: /nosuch\/\*\.log: no file matches/,
        change: /check the pattern/,
      },
    ],
    [
      'a log of no known form',
      {
        check: 'source.recognised',
        result: 'problem',
        arrange: () => {
          put('postgres.csv', 'call Bob\nbuy milk\n');
        },
        says: /not recognised; its first line reads: call Bob/,
        change: /log_line_prefix/,
      },
    ],
    [
      'an empty log',
      {
        check: 'source.recognised',
        result: 'unseen',
        arrange: () => {
          put('postgres.csv', '');
        },
        says: /is empty/,
        change: /^$/,
      },
    ],
    [
      'a log that is given as another',
      {
        check: 'source.recognised',
        result: 'problem',
        host: { postgres: 'path: denokv.log' },
        says: /given as a postgres log, and is a denokv log/,
        change: /kind: denokv/,
      },
    ],
    [
      'a prefix that tells too little',
      {
        check: 'source.line_prefix',
        result: 'problem',
        arrange: () => {
          put(
            'postgres.csv',
            stderrLog(
              (n) => stamp(n).replace('.123', ''),
              (n) => `ERROR:  relation "t${String(n)}" does not exist`,
            ),
          );
        },
        says: /"%t \[%p\] " has no user \(%u\), no database \(%d\), no SQLSTATE \(%e\), whole seconds only/,
        change: /ALTER SYSTEM SET log_line_prefix = '%m \[%p\] %l %e %x %q%u@%d '; SELECT pg_reload_conf\(\);/,
      },
    ],
    [
      'a configured prefix that is not the one of the lines',
      {
        check: 'source.configured_prefix',
        result: 'problem',
        host: { postgres: "path: postgres.csv, line_prefix: '%t ' " },
        arrange: () => {
          put(
            'postgres.csv',
            stderrLog(stamp, (n) => `ERROR:  relation "t${String(n)}" does not exist`),
          );
        },
        says: /line_prefix is "%t ", the lines have "%m \[%p\] "/,
        change: /line_prefix: '%m \[%p\] '/,
      },
    ],
    [
      'a terse log',
      {
        check: 'source.verbosity',
        result: 'problem',
        arrange: () => {
          put(
            'postgres.csv',
            stderrLog(stamp, () => 'ERROR:  deadlock detected'),
          );
        },
        says: /no DETAIL with 30 errors of kinds that always have one/,
        change: /log_error_verbosity = 'default'/,
      },
    ],
    [
      'errors without statements',
      {
        check: 'source.statements',
        result: 'advice',
        arrange: () => {
          put(
            'postgres.csv',
            stderrLog(stamp, (n) => `ERROR:  relation "t${String(n)}" does not exist`),
          );
        },
        says: /none of 30 errors has its STATEMENT/,
        change: /log_min_error_statement = 'error'/,
      },
    ],
    [
      'a translated log',
      {
        check: 'source.language',
        result: 'advice',
        arrange: () => {
          put(
            'postgres.csv',
            stderrLog(stamp, (n) => `FEHLER:  Relation »t${String(n)}« existiert nicht`),
          );
        },
        says: /translated \(FEHLER\)/,
        change: /lc_messages = 'C'/,
      },
    ],
    [
      'lines that nobody understands',
      {
        check: 'source.damage',
        result: 'problem',
        arrange: () => {
          put('access.log', readFileSync(join(folder, 'access.log'), 'utf8') + 'garbage\n'.repeat(3));
        },
        says: /access\.log: 3 of 8 lines are not understood, such as: garbage/,
        change: /logging_collector = on/,
      },
    ],
    [
      'a denokv whose start-up line is hidden',
      {
        check: 'denokv.startup_line',
        result: 'advice',
        arrange: () => {
          const lines = readFileSync(DENOKV, 'utf8').split('\n');
          put('denokv.log', lines.filter((line) => !line.includes('Opened PostgreSQL')).join('\n'));
        },
        says: /no start-up line/,
        change: /RUST_LOG=info/,
      },
    ],
    [
      'a denokv that keeps its failures to itself',
      {
        check: 'denokv.error_lines',
        result: 'problem',
        arrange: () => {
          put('denokv.log', START.repeat(3));
        },
        says: /tells of no failure, while Postgres logged \d+ errors of denokv's statements/,
        change: /RUST_LOG=info/,
      },
    ],
    [
      'an address without application_name',
      {
        check: 'denokv.application_name_in_url',
        result: 'advice',
        arrange: () => {
          put('denokv.log', START.replace('?application_name=kv', ''));
        },
        says: /has no application_name/,
        change: /\?application_name=denokv/,
      },
    ],
    [
      'no proxy log',
      {
        check: 'sources.proxy',
        result: 'advice',
        host: { proxy: null },
        says: /no proxy log is followed/,
        change: /kind: proxy/,
      },
    ],
    [
      'clocks that differ',
      {
        check: 'clocks',
        result: 'problem',
        arrange: () => {
          put('postgres.csv', readFileSync(POSTGRES, 'utf8').replaceAll('2026-11-23 05:', '2026-11-23 06:'));
        },
        says: /denokv's log is 3600\.0 s behind Postgres' log, as if a time zone were read wrongly/,
        change: /log_timezone = 'UTC'/,
      },
    ],
    [
      'a disk that is too small',
      {
        check: 'index.disk',
        result: 'problem',
        host: { keep: '900TB' },
        says: /free for the index/,
        change: /keep: \{ size: \d+MiB \}/,
      },
    ],
    [
      'a folder of the index that is not there',
      {
        check: 'index.disk',
        result: 'advice',
        arrange: () => {
          rmSync(join(folder, 'state'), { recursive: true });
        },
        says: /is not there yet/,
        change: /install -d -o \S+ -m 0700 /,
      },
    ],
    [
      'a token that others can read',
      {
        check: 'api.token',
        result: 'problem',
        arrange: () => {
          writeFileSync(join(folder, 'state', 'token'), 'x'.repeat(40));
          chmodSync(join(folder, 'state', 'token'), 0o644);
        },
        says: /other users can read or change it/,
        change: /chmod 600/,
      },
    ],
    [
      'a token that is a link',
      {
        check: 'api.token',
        result: 'problem',
        arrange: () => {
          symlinkSync('/nowhere', join(folder, 'state', 'token'));
        },
        says: /it is a symbolic link/,
        change: /links are refused/,
      },
    ],
  ];

  test.each(cases)('%s', async (_, { check, result, says, change, host = {}, arrange }) => {
    const before = await examine();
    expect(before.filter((one) => one.check === check && one.result === result)).toEqual([]);
    arrange?.();
    const found = (await examine(host)).filter((one) => one.check === check && one.result === result);
    expect(found.map((one) => one.says)).toEqual([expect.stringMatching(says)]);
    expect(found[0]?.why).not.toBeNull();
    expect(found[0]?.change.join('\n')).toMatch(change);
  });

  test('a daemon that all addresses of the host reach, whatever its callers call it', async () => {
    const api = apiOver([], {
      token: 'a-token-that-is-long-enough-for-tests',
      clock: () => ({ nowMs: 0, zone: 'UTC' }),
    });
    await api.app.listen({ host: '0.0.0.0', port: 0 });
    try {
      const { port } = api.app.server.address() as AddressInfo;
      const file = configure({});
      const listen = `0.0.0.0:${String(port)}, behind_proxy: true`;
      writeFileSync(file, readFileSync(file, 'utf8').replace('127.0.0.1:0', listen));
      const found = of(await checkup(loadConfig({ file, env: {}, flags: {} }), file), 'api.listening');
      expect([found.result, found.says]).toEqual(['ok', `a daemon answers at 0.0.0.0:${String(port)}`]);
    } finally {
      await api.close();
    }
  });

  test('a port that another program has', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const file = configure({});
    const { port } = server.address() as AddressInfo;
    writeFileSync(file, readFileSync(file, 'utf8').replace('127.0.0.1:0', `127.0.0.1:${String(port)}`));
    const config = loadConfig({ file, env: {}, flags: {} });
    const taken = of(await checkup(config, file), 'api.listening');
    await new Promise((done) => server.close(done));
    const free = of(await checkup(config, file), 'api.listening');
    expect([taken.result, taken.says]).toEqual(['problem', `another program listens at 127.0.0.1:${String(port)}`]);
    expect([free.result, free.says]).toEqual(['ok', expect.stringContaining('the daemon is not running')]);
  });
});

test('a log that is taken as it comes cannot be looked at, and is there all the same', async () => {
  const findings = await examine({ postgres: 'stdin: true' });
  expect(findings.filter(({ check, says }) => check.startsWith('source') && says.includes('standard input'))).toEqual([
    expect.objectContaining({ check: 'source.recognised', result: 'unseen' }),
  ]);
  expect(of(findings, 'sources.postgres').result).toBe('ok');
});

describe("a unit's journal", () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'package.json'), '{"type":"module"}');
    vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
    vi.stubEnv('WHYD_TEST_JOURNAL', join(CAPTURES, 'journald-15', 'denokv.journal.json'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  function withJournalctl(): void {
    copyFileSync(join(import.meta.dirname, '..', 'daemon', 'journalctl.mjs'), join(folder, 'bin', 'journalctl'));
    chmodSync(join(folder, 'bin', 'journalctl'), 0o755);
  }
  const ofUnit = (unit: string): Host => ({
    denokv: `journald: { unit: ${unit} }`,
    postgres: `path: '${join(CAPTURES, 'journald-15', 'postgresql-*.log')}'`,
  });

  test('is looked at as a file is', async () => {
    withJournalctl();
    const findings = await examine(ofUnit('denokv.service'));
    expect(of(findings, 'source.recognised', 'journal of denokv.service').result).toBe('ok');
    for (const check of ['denokv.startup_line', 'denokv.error_lines', 'denokv.precision', 'clocks'])
      expect([check, of(findings, check).result]).toEqual([check, 'ok']);
  });

  test('of another unit is empty, and says so', async () => {
    withJournalctl();
    const found = of(await examine(ofUnit('nosuch.service')), 'source.readable', 'journal of nosuch.service');
    expect([found.result, found.says]).toEqual([
      'problem',
      expect.stringContaining('it is empty, or this user may not see it'),
    ]);
    expect(found.change).toContain('systemctl status nosuch.service');
  });

  test('without journalctl', async () => {
    vi.stubEnv('PATH', join(folder, 'bin'));
    const found = of(await examine(ofUnit('denokv.service')), 'source.readable', 'journal of');
    expect([found.result, found.says]).toEqual(['problem', 'journal of denokv.service: there is no journalctl']);
  });
});

test('no password gets out of the logs', async () => {
  put('denokv.log', START.repeat(3));
  expect(JSON.stringify(await examine())).not.toContain('hunter2');
});

/** Root may read everything, so that it has to be somebody else. */
const NOBODY = 65_534;
function asSomebody<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work();
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([NOBODY]);
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

test('who may not read a log, and by what', () => {
  const log = join(folder, 'state', 'postgresql.log');
  writeFileSync(log, 'x', { mode: 0o600 });
  chmodSync(folder, 0o755);
  chmodSync(join(folder, 'state'), 0o755);
  const own = process.geteuid?.() !== 0;
  chmodSync(log, own ? 0o000 : 0o600);
  const closedFile = asSomebody(() => whyDenied(log, 'postgres'));
  expect(closedFile?.reason).toMatch(/postgresql\.log is closed to \S+ \(\S+:\S+ 0\d+\)/);
  expect(closedFile?.change[0]).toBe("ALTER SYSTEM SET log_file_mode = '0640'; SELECT pg_reload_conf();");
  expect(asSomebody(() => whyDenied(log, 'denokv'))?.change[0]).toMatch(/^setfacl -m u:\S+:r /);

  chmodSync(log, own ? 0o040 : 0o640);
  expect(asSomebody(() => whyDenied(log, 'postgres'))?.change).toEqual([
    expect.stringMatching(/^usermod -aG \S+ \S+ {2}# in the unit: SupplementaryGroups=/),
  ]);

  chmodSync(log, 0o644);
  expect(asSomebody(() => whyDenied(log, 'postgres'))).toBeNull();
  chmodSync(join(folder, 'state'), own ? 0o000 : 0o700);
  expect(asSomebody(() => whyDenied(log, 'postgres'))).toMatchObject({
    reason: expect.stringMatching(/^the folder \S+state is closed to/) as string,
    change: [expect.stringMatching(/^setfacl -m u:\S+:x \S+state$/)],
  });
  chmodSync(join(folder, 'state'), 0o700);
});

describe('whyd doctor', () => {
  async function doctor(args: readonly string[], host: Host = {}): Promise<Run> {
    const file = configure(host);
    return runCli(['doctor', '--config', file, ...args], { engines: { checkup: (config) => checkup(config, file) } });
  }

  test('no problem: exit 0, and the good ones with --all only', async () => {
    const run = await doctor([]);
    expect([run.exitCode, run.out[0]]).toEqual([EXIT.ok, 'advice   denokv.precision']);
    expect(run.err).toMatch(/^0 problems, 1 to improve, 1 not seen, \d+ good; the live database was not looked at/);
    expect((await doctor(['--all'])).out).toContain('ok       source.readable');
  });

  test('problems: exit 1, the change on lines of its own', async () => {
    put(
      'postgres.csv',
      stderrLog(stamp, () => 'ERROR:  deadlock detected'),
    );
    const run = await doctor([]);
    expect([run.exitCode, run.out[0]]).toEqual([EXIT.failure, 'problem  source.line_prefix']);
    expect(run.out).toContain("  change ALTER SYSTEM SET log_error_verbosity = 'default'; SELECT pg_reload_conf();");
  });

  test('hostile log text is inert', async () => {
    put('postgres.csv', 'call \x1b[31mBob\u202e\nbuy milk\n');
    const run = await doctor(['--all']);
    expect(run.out.join('\n')).toContain('call \\e[31mBob\\u{202e}');
  });

  test('--json: one check a line', async () => {
    const run = await doctor(['--json']);
    const findings = run.out.map((line) => JSON.parse(line) as Finding);
    expect([run.exitCode, run.err, findings.length > 15]).toEqual([EXIT.ok, '', true]);
    for (const finding of findings) expect(Object.keys(finding)).toEqual(['check', 'result', 'says', 'why', 'change']);
  });

  test('an address on the command line is refused and not repeated', async () => {
    const run = await doctor(['--postgres-url-file', 'postgresql://u:hunter2@h/d']);
    expect([run.exitCode, run.out]).toEqual([EXIT.badConfiguration, []]);
    expect(run.err).toContain('this is an address, where the name of a file');
    expect(run.err).not.toContain('hunter2');
  });

  test('a file of the address that is missing, or that others can read', async () => {
    expect((await doctor(['--postgres-url-file', join(folder, 'nosuch')])).exitCode).toBe(EXIT.badConfiguration);
    put('url', 'postgresql://u:hunter2@127.0.0.1:9/d\n');
    chmodSync(join(folder, 'url'), 0o644);
    const run = await doctor(['--postgres-url-file', join(folder, 'url')]);
    expect(run.exitCode).toBe(EXIT.failure);
    expect(run.out).toContain(`  change chmod 600 ${join(folder, 'url')}`);
    expect(run.out.join('\n')).toContain('cannot connect to u@127.0.0.1:9/d: connection refused');
    expect(run.out.join('\n')).not.toContain('hunter2');
  });
});
