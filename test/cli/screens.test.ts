import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { showDropped } from '../../src/cli/show-dropped.ts';
import { showVerdict } from '../../src/cli/show-verdict.ts';
import { plain } from '../../src/cli/style.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { startDaemon, type RunningDaemon } from '../../src/daemon.ts';
import type { Verdict } from '../../src/domain.ts';
import { EXIT } from '../../src/errors.ts';
import { logsOf } from '../golden/captures.ts';
import { fakeTerminal, runCli, TEST_CLOCK, type Run } from './fake-terminal.ts';

const ZONE = 'Europe/Rome';
const COLUMNS = 80;
const SCREEN_LINES = 23;

interface Screen {
  readonly name: string;
  readonly capture: string;
  /** The failure, by its line in the capture's denokv.log. */
  readonly line: number;
  readonly cause: string;
  /** Says so much that nobody has to look further: none of it may be cut. */
  readonly says: readonly RegExp[];
}

const SCREENS: readonly Screen[] = [
  {
    name: 'deadlock',
    capture: 'stderr-15',
    line: 8,
    cause: 'deadlock',
    says: [
      /cycle +12428 \(denokv, ended by Postgres\) waits for 12831: INSERT/,
      /12831 waits for 12429: UPDATE data_v/,
    ],
  },
  {
    name: 'lock-wait',
    capture: 'stderr-15',
    line: 28,
    cause: 'statement_timeout',
    says: [
      /incident +n_\w+ lock_pile_up: /,
      /held by pid 12428, which waited itself behind +pid 13085/,
      /pg_terminate_backend\(pid\)\./,
    ],
  },
  {
    name: 'crash',
    capture: 'stderr-15',
    line: 169,
    cause: 'server_crash',
    says: [/incident +n_\w+ server_crash: \d+ failures at once/, /terminated by signal 9: Killed/, /dmesg -T/],
  },
  {
    name: 'missing-relation',
    capture: 'storm-15',
    line: 92,
    cause: 'missing_relation',
    says: [/incident +n_\w+ missing_relation: /, /The table kv_history does not exist/, /Restart denokv\./],
  },
  {
    name: 'type-mismatch',
    capture: 'storm-15',
    line: 16,
    cause: 'type_mismatch',
    says: [/is not of type integer/, /table_name = 'kv_store'\./],
  },
  {
    name: 'connections-exhausted',
    capture: 'bare-db-error-16',
    line: 112,
    cause: 'too_many_connections',
    says: [
      /incident +n_\w+ too_many_connections: /,
      /FATAL: remaining connection slots/,
      /surer if +Build denokv with tokio-postgres/,
    ],
  },
];

/** A capture in the index of a daemon, and the same verdicts without one. */
class Host {
  readonly folder = mkdtempSync(join(tmpdir(), 'whyd-screens-'));
  #daemon: RunningDaemon | null = null;
  offline: readonly Verdict[] = [];

  async start(capture: string): Promise<void> {
    const logs = logsOf(capture);
    const settings = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null, onProgress: () => undefined };
    this.offline = (await analyze(logs, settings)).verdicts;
    const source = { linePrefix: null, timezone: null };
    this.#daemon = await startDaemon(
      {
        file: null,
        sources: [
          { ...source, kind: 'denokv', paths: logs.filter((path) => path.endsWith('denokv.log')) },
          { ...source, kind: 'postgres', paths: logs.filter((path) => !path.endsWith('denokv.log')) },
        ],
        identity: { user: null, database: null, application: null },
        index: { path: join(this.folder, 'whyd.db'), keep: { days: 100_000, sizeBytes: 2 ** 30 } },
        api: { listen: { host: '127.0.0.1', port: 0 }, tokenFile: join(this.folder, 'token') },
        sinceMs: null,
        warnings: [],
      },
      { onFailure: () => undefined, onMessage: () => undefined, signal: new AbortController().signal },
      { version: '0', watch: false },
    );
    await vi.waitFor(
      async () => {
        const { out } = await this.run('failures', '--json', '--limit', '1000');
        const settled = out.filter((line) => (JSON.parse(line) as Verdict).coverage.settled).length;
        if (settled < this.offline.length) throw new Error(`${settled} of ${this.offline.length} failures are final`);
      },
      { timeout: 55_000, interval: 100 },
    );
  }

  async run(...args: readonly string[]): Promise<Run> {
    const where = ['--url', this.#daemon?.url ?? '', '--token-file', join(this.folder, 'token')];
    const clock = (): typeof TEST_CLOCK => ({ ...TEST_CLOCK, zone: ZONE });
    const terminal = fakeTerminal(COLUMNS);
    const { exitCode } = await runCli([...args, ...where], { clock, terminal });
    return { exitCode, out: terminal.lines, err: terminal.messages.join('\n') };
  }

  async stop(): Promise<void> {
    await this.#daemon?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const hosts = new Map<string, Host>();
beforeAll(async () => {
  for (const { capture } of SCREENS) hosts.set(capture, hosts.get(capture) ?? new Host());
  await Promise.all([...hosts].map(([capture, host]) => host.start(capture)));
}, 120_000);
afterAll(async () => {
  for (const host of hosts.values()) await host.stop();
});

function hostOf(capture: string): Host {
  const host = hosts.get(capture);
  if (host === undefined) throw new Error(`no host for ${capture}`);
  return host;
}

/** Which line a spell is known by, and how much it explains, depends on how far both logs were read when it was found. */
function withoutCounts(line: string): string {
  return line.replace(/^(incident +)n_\w+( .*?: )\d+( failures).*/, '$1n_...$2...$3');
}

describe('whyd why on a screen of 80 x 24', () => {
  test.each(SCREENS)('$name', async ({ name, capture, line, cause, says }) => {
    const host = hostOf(capture);
    const verdict = host.offline.find(({ symptom }) => symptom.line === line);
    if (verdict === undefined) throw new Error(`${capture} has no failure in line ${line}`);
    expect(verdict.cause.id).toBe(cause);
    const out = await vi.waitFor(
      async () => {
        const shown = await host.run('why', verdict.id);
        const read = shown.out.join(' ').replaceAll(/ +/g, ' ');
        for (const one of says) expect(read).toMatch(one);
        return shown.out;
      },
      { timeout: 30_000, interval: 200 },
    );
    expect(out.length).toBeLessThanOrEqual(SCREEN_LINES);
    for (const shown of out) expect(textWidth(shown)).toBeLessThanOrEqual(COLUMNS);
    await expect(`${out.map(withoutCounts).join('\n')}\n`).toMatchFileSnapshot(`screens/${name}.txt`);
  });

  test.each(SCREENS)('$name says the same without a daemon', async ({ capture, line }) => {
    const host = hostOf(capture);
    const verdict = host.offline.find(({ symptom }) => symptom.line === line);
    if (verdict === undefined) throw new Error(`${capture} has no failure in line ${line}`);
    const offline = showVerdict(verdict, { columns: COLUMNS, zone: ZONE, style: plain, full: true });
    // The drawn cycle and the timeline follow: they, and the incident, are the daemon's.
    const { out } = await host.run('why', verdict.id, '--full');
    const live = withoutIncident(out);
    expect(live.slice(0, offline.length)).toEqual(offline);
  });
});

function expectScreen(lines: readonly string[]): void {
  expect(lines.length).toBeLessThanOrEqual(SCREEN_LINES);
  for (const shown of lines) expect(textWidth(shown)).toBeLessThanOrEqual(COLUMNS);
}

function withoutIncident(lines: readonly string[]): readonly string[] {
  const at = lines.findIndex((line) => line.startsWith('incident'));
  return at < 0 ? lines : lines.filter((_, index) => index !== at && index !== at - 1);
}

describe('several that fit', () => {
  test.each([
    ['by SQLSTATE', 'stderr-15', '57P01', 'candidates-sqlstate'],
    ['by time', 'stderr-15', '2026-11-23 06:45:45', 'candidates-time'],
    ['by cause', 'stderr-15', 'connection_refused', 'candidates-cause'],
    ['by text', 'storm-15', 'relation', 'candidates-text'],
  ])('%s', async (_, capture, what, name) => {
    const { exitCode, out, err } = await hostOf(capture).run('why', what);
    expect(exitCode).toBe(EXIT.ambiguous);
    expectScreen([...err.split('\n'), ...out]);
    expect(err).toContain('Times are +01:00 (Europe/Rome).');
    expect(out.filter((shown) => /^ {2}whyd why f_[0-9a-z]{22}/.test(shown)).length).toBeGreaterThan(1);
    await expect(`${err}\n${out.join('\n')}\n`).toMatchFileSnapshot(`screens/${name}.txt`);
  });
});

describe('the newest of several alike, with the line that says so', () => {
  test.each(SCREENS.map(({ name, capture, cause }) => ({ name, capture, cause })))(
    '$name',
    async ({ capture, cause }) => {
      const { exitCode, out, err } = await hostOf(capture).run('why', cause);
      if (exitCode === EXIT.ok) expectScreen([...err.split('\n').filter((line) => line !== ''), ...out]);
      else expect(exitCode).toBe(EXIT.ambiguous);
    },
  );

  test.each(['storm-15', 'stderr-15'])('in %s, by every SQLSTATE', async (capture) => {
    const host = hostOf(capture);
    const codes = new Set(host.offline.flatMap(({ cause }) => cause.sqlstate ?? []));
    let told = 0;
    for (const code of codes) {
      const { out, err } = await host.run('why', code);
      expectScreen([...err.split('\n').filter((line) => line !== ''), ...out]);
      if (err.startsWith('The newest of ')) told += 1;
    }
    expect(told).toBeGreaterThan(0);
  });

  test.each(['06:45:45', 'error connecting to server: Connection refused (os error 111)'])(
    'the heading of those that fit %s is no wider than the screen',
    async (what) => {
      const [heading = ''] = (await hostOf('stderr-15').run('why', what)).err.split('\n');
      expect(heading).toContain(' failures match ');
      expect(textWidth(heading)).toBeLessThanOrEqual(COLUMNS);
    },
  );
});

test('a request that got no answer', async () => {
  const { dropped } = await analyze(logsOf('proxy-15'), {
    timezone: null,
    linePrefix: null,
    sinceUs: null,
    untilUs: null,
  });
  const panicked = dropped.filter(({ cause }) => cause.id === 'panic');
  const out = showDropped(panicked, { width: COLUMNS, zone: ZONE, style: plain });
  expect(out.length).toBeLessThanOrEqual(SCREEN_LINES);
  for (const shown of out) expect(textWidth(shown)).toBeLessThanOrEqual(COLUMNS);
  await expect(`${out.join('\n')}\n`).toMatchFileSnapshot('screens/no-answer.txt');
});

test("README's screen is one of these", () => {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const shown = /\$ whyd why f_\w+\n([^`]*)```/.exec(readme)?.[1] ?? '';
  const golden = readFileSync(join(import.meta.dirname, 'screens', 'lock-wait.txt'), 'utf8');
  expect(shown.split('\n').map(withoutCounts)).toEqual(golden.split('\n'));
});
