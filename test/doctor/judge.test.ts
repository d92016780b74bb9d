import { describe, expect, test } from 'vitest';
import { durationMs, sayMs } from '../../src/doctor/database/duration.ts';
import { judge } from '../../src/doctor/database/examine.ts';
import { seen, type DatabaseFacts, type Session, type Setting } from '../../src/doctor/database/facts.ts';
import { TABLES } from '../../src/doctor/database/schema.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { GOOD_PREFIX, lacksOf } from '../../src/doctor/line-prefix.ts';

/** What a real server cannot be made to show in a moment: a standby, another release, sessions that are hours old. */
const SETTINGS: Readonly<Record<string, string>> = {
  data_directory_mode: '0700',
  deadlock_timeout: '1000',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  lc_messages: 'C',
  lock_timeout: '0',
  log_destination: 'stderr',
  log_directory: '/var/log/postgresql',
  log_error_verbosity: 'default',
  log_file_mode: '0640',
  log_line_prefix: GOOD_PREFIX,
  log_lock_waits: 'on',
  log_min_error_statement: 'error',
  log_min_messages: 'warning',
  log_timezone: 'UTC',
  logging_collector: 'on',
  max_connections: '100',
  statement_timeout: '0',
  superuser_reserved_connections: '3',
};

function settings(changed: Readonly<Record<string, string | Partial<Setting>>> = {}): DatabaseFacts['settings'] {
  return seen(
    new Map(
      Object.entries({ ...SETTINGS, ...changed }).map(([name, given]) => {
        const value = typeof given === 'string' ? { value: given } : given;
        const base = { name, value: '', source: 'default', context: 'sighup', place: null, pendingRestart: false };
        return [name, { ...base, ...value }];
      }),
    ),
  );
}

const IDLE: Session = {
  pid: 100,
  user: 'kv',
  database: 'kv',
  application: 'denokv',
  state: 'idle',
  transactionMs: null,
  stateMs: 5,
};

const SERVER: DatabaseFacts['server'] = {
  versionNumber: 150_018,
  version: '15.18',
  inRecovery: false,
  role: 'watcher',
  database: 'kv',
  seesAllSessions: true,
  readsAllSettings: true,
};

const FACTS: DatabaseFacts = {
  server: SERVER,
  denokv: { role: 'kv', database: 'kv', application: 'denokv' },
  settings: settings(),
  roleSettings: seen([]),
  sessions: seen([IDLE]),
  blocked: seen([]),
  limits: seen({ role: null, database: null }),
  tables: seen(
    TABLES.map(({ name, key, columns, indexes }) => ({
      schema: 'public',
      name,
      kind: 'r',
      columns: columns.map((column) => ({ ...column, isRequired: false })),
      indexes: [
        { name: `${name}_pkey`, isValid: true, isUnique: true, isPartial: false, columns: [key] },
        ...indexes.map((one) => ({
          name: one.name,
          isValid: true,
          isUnique: false,
          isPartial: one.where !== null,
          columns: [one.column],
        })),
      ],
      missingPrivileges: [],
      liveRows: 10,
      deadRows: 0,
      changedSinceAnalyze: 0,
      isAnalyzed: true,
    })),
  ),
  versionRows: seen(1),
};

function judged(facts: Partial<DatabaseFacts>, canReadLogs: boolean | null = null): readonly Finding[] {
  return judge({ ...FACTS, ...facts }, { canReadLogs, zoneIsConfigured: false });
}

/** Findings that are not as in the good case. */
function faults(facts: Partial<DatabaseFacts>): readonly Finding[] {
  return judged(facts).filter(({ result, check }) => result !== 'ok' && check !== 'postgres.log_destination');
}

test('the good case is good', () => {
  expect(faults({})).toEqual([]);
});

const HOUR_MS = 3_600_000;

describe('found, and nothing else with it', () => {
  test.each<[string, Partial<DatabaseFacts>, RegExp, RegExp]>([
    ['postgres.version', { server: { ...SERVER, versionNumber: 110_022, version: '11.22' } }, /11\.22/, /upgrade/],
    ['postgres.version', { server: { ...SERVER, versionNumber: 190_001, version: '19.1' } }, /19\.1/, /newer whyd/],
    ['postgres.read_only', { server: { ...SERVER, inRecovery: true } }, /standby/, /primary/],
    [
      'postgres.max_connections',
      { sessions: seen(Array.from({ length: 80 }, (_, pid) => ({ ...IDLE, pid }))) },
      /81 of 97 connections/,
      /max_connections = '200'/,
    ],
    [
      'postgres.logging_collector',
      { settings: settings({ logging_collector: { value: 'off', context: 'postmaster' }, log_destination: 'csvlog' }) },
      /logging_collector = 'off'/,
      /ALTER SYSTEM SET logging_collector = 'on';\n# then restart Postgres/,
    ],
    [
      'postgres.log_directory',
      { settings: settings({ log_directory: 'log' }) },
      /inside the data directory/,
      /ALTER SYSTEM SET log_directory = '\/var\/log\/postgresql'/,
    ],
    [
      'postgres.log_min_messages',
      { settings: settings({ log_min_messages: 'warning, io worker:fatal' }) },
      /fatal/,
      /warning/,
    ],
    [
      'postgres.log_lock_waits',
      { settings: settings({ log_lock_waits: { value: 'off', source: 'command line' } }) },
      /off/,
      /# it stands on the server's command line/,
    ],
    [
      'postgres.log_error_verbosity',
      { settings: settings({ log_error_verbosity: { value: 'terse', place: '/etc/pg/postgresql.conf:12' } }) },
      /from \/etc\/pg\/postgresql\.conf:12/,
      /or, where ALTER SYSTEM is not to be used, in \/etc\/pg\/postgresql\.conf:12/,
    ],
    [
      'postgres.idle_in_transaction',
      {
        sessions: seen([
          IDLE,
          { ...IDLE, pid: 7, state: 'idle in transaction', stateMs: HOUR_MS, transactionMs: 2 * HOUR_MS },
        ]),
      },
      /pid 7 \(kv, denokv, idle in transaction\) for 2 h/,
      /pg_terminate_backend\(7\)/,
    ],
    [
      'postgres.long_transactions',
      { sessions: seen([IDLE, { ...IDLE, pid: 8, application: 'pg_dump', state: 'active', transactionMs: HOUR_MS }]) },
      /pid 8 \(kv, pg_dump, active\) for 60 min/,
      /pg_terminate_backend\(8\)/,
    ],
    ['denokv.application_name', { sessions: seen([]) }, /no session in kv/, /is denokv running/],
    ['postgres.blocked_sessions', { blocked: { isSeen: false, reason: 'canceled' } }, /cannot be seen: canceled/, /^$/],
  ])('%s', (check, facts, says, change) => {
    const found = faults(facts);
    expect(found.map((finding) => finding.check)).toEqual([check]);
    expect(found[0]?.says).toMatch(says);
    expect(found[0]?.change.join('\n')).toMatch(change);
  });
});

test('a translated log without SQLSTATEs', () => {
  const given = { lc_messages: 'de_DE.UTF-8', log_line_prefix: '%m [%p] %q%u@%d ' };
  expect(faults({ settings: settings(given) }).map(({ check }) => check)).toEqual([
    'postgres.log_line_prefix',
    'postgres.lc_messages',
  ]);
  expect(faults({ settings: settings({ lc_messages: 'de_DE.UTF-8' }) })).toEqual([]);
});

test('a change that waits for a restart is said', () => {
  const found = judged({ settings: settings({ logging_collector: { value: 'on', pendingRestart: true } }) });
  expect(found.find(({ check }) => check === 'postgres.logging_collector')?.says).toMatch(/waits for a restart/);
});

test('the mode of the files matters only to who cannot read them', () => {
  const facts = { settings: settings({ log_file_mode: '0600', log_directory: 'log' }) };
  const results = (canReadLogs: boolean | null): readonly string[] =>
    judged(facts, canReadLogs).flatMap(({ check, result }) => (/file_mode|directory/.test(check) ? [result] : []));
  expect([results(false), results(null), results(true)]).toEqual([
    ['problem', 'problem'],
    ['problem', 'problem'],
    ['ok', 'ok'],
  ]);
});

test('whose setting outweighs whose', () => {
  const all = (
    value: string,
    role: string,
    database: string,
  ): { role: string; database: string; name: string; value: string } => ({
    name: 'lock_timeout',
    value,
    role,
    database,
  });
  const timeout = (roleSettings: ReturnType<typeof all>[]): string | undefined =>
    judged({ roleSettings: seen(roleSettings) }).find(({ check }) => check === 'postgres.lock_timeout')?.says;
  const everyone = all('2s', '', '');
  const database = all('3s', '', 'kv');
  const role = all('4s', 'kv', '');
  const both = all('5s', 'kv', 'kv');
  const others = [all('6s', 'other', ''), all('7s', '', 'other'), all('8s', 'kv', 'other')];
  expect(timeout([...others])).toContain('is off');
  expect(timeout([...others, everyone])).toContain('is 2 s');
  expect(timeout([...others, everyone, database])).toContain('is 3 s');
  expect(timeout([role, ...others, everyone, database])).toContain('is 4 s');
  expect(timeout([role, ...others, both, everyone, database])).toContain('is 5 s');
});

test.each([
  [GOOD_PREFIX, []],
  ['%t:%r:%u@%d:[%p]:', ['no SQLSTATE (%e)', 'whole seconds only (%t)']],
  ['%q%m [%p] %u@%d %e ', ['no time in every line (%m)', 'no process id in every line (%p)']],
  ['%n [%c] user=%u,db=%d %e ', []],
  ['%%m %-5p %m %u %d %e', []],
  [
    '',
    [
      'no time in every line (%m)',
      'no process id in every line (%p)',
      'no user (%u)',
      'no database (%d)',
      'no SQLSTATE (%e)',
    ],
  ],
])('the prefix %j lacks %j', (prefix, lacks) => {
  expect(lacksOf(prefix).map(({ says }) => says)).toEqual(lacks);
});

test.each([
  ['0', 0],
  ['500', 500],
  ['5s', 5_000],
  ['1.5 min', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['250us', 0.25],
  ['soon', null],
  ['-1', null],
])('durationMs(%j) is %j', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test('spans for people', () => {
  expect([250, 5_000, 90_000, 600_000, 9_000_000].map(sayMs)).toEqual(['250 ms', '5 s', '90 s', '10 min', '3 h']);
});
