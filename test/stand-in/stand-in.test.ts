import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Verdict } from '../../src/domain.ts';
import { findPostgres, NO_POSTGRES, PostgresServer } from '../chaos/postgres-server.ts';
import { entryOf, errorsByPid, type LoggedError } from './labels.ts';
import { MISTAKES, SCHEMA } from './schema.ts';
import { StandIn, type Told } from './stand-in.ts';

const native = findPostgres();
if (native === null) console.warn(NO_POSTGRES);

/** By SQLSTATE, where it tells; 57014 and 57P01 by their scenario, as does a connection that went without a word. */
const CAUSES: Readonly<Record<string, string>> = {
  '23502': 'not_null_violation',
  '22003': 'numeric_out_of_range',
  '22P02': 'type_mismatch',
  '23505': 'unique_violation',
  '23514': 'check_violation',
  '25006': 'read_only',
  '40001': 'serialization_failure',
  '42501': 'permission_denied',
  '42703': 'missing_column',
  '42883': 'missing_function',
  '42P01': 'missing_relation',
  '53300': 'too_many_connections',
  '55P03': 'lock_timeout',
  '57P02': 'server_crash',
  P0001: 'raised_exception',
};
const CAUSES_BY_SCENARIO: Readonly<Record<string, readonly string[]>> = {
  'a slow trigger': ['statement_timeout'],
  'a canceled statement': ['query_canceled'],
  'a terminated backend': ['backend_terminated', 'connection_lost'],
  'a crash': ['server_crash', 'connection_lost', 'server_starting'],
};

const folder = mkdtempSync(join(tmpdir(), 'whyd-stand-in-'));
const log = join(folder, 'denokv.log');
let server: PostgresServer;
let standIn: StandIn;
let logged: ReadonlyMap<number, readonly LoggedError[]>;

async function sql(text: string, user = 'denokv'): Promise<pg.QueryResult> {
  const client = new pg.Client({ host: server.socketFolder, user, database: 'postgres', application_name: 'psql' });
  client.on('error', () => undefined);
  await client.connect();
  return await client.query(text).finally(async () => client.end());
}

/** Holds the row that all writers queue for, as an application of its own. */
async function hold(ms: number): Promise<void> {
  await sql(
    `BEGIN; UPDATE data_version SET version = version WHERE k = 0; SELECT pg_sleep(${String(ms / 1000)}); ROLLBACK`,
    'webapp',
  ).catch(() => undefined);
}

/** Another application makes mistakes all the while. */
async function blunder(isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1) {
    await sql(MISTAKES[turn % MISTAKES.length] ?? '', 'webapp').catch(() => undefined);
    await sleep(20 + Math.random() * 150);
  }
}

interface Scenario {
  readonly name: string;
  /** Of the keys that are written. */
  readonly words?: readonly string[];
  readonly before?: string;
  readonly during?: () => Promise<unknown>;
  readonly after?: string;
}

const GOOD: readonly string[] = ['good'];
const ACTIVE = "FROM pg_stat_activity WHERE usename = 'kv' AND state = 'active'";
const SCENARIOS: readonly Scenario[] = [
  {
    name: 'faults of the schema and of values',
    words: ['mrel', 'mcol', 'mfun', 'chck', 'notn', 'uniq', 'rais', 'numr', 'typm', 'good'],
  },
  {
    name: 'a table that is gone',
    before: 'ALTER TABLE kv_store RENAME TO kv_old',
    after: 'ALTER TABLE kv_old RENAME TO kv_store',
  },
  {
    name: 'a lock that is held',
    before: "ALTER ROLE kv SET lock_timeout = '200ms'",
    during: async () => hold(800),
    after: 'ALTER ROLE kv RESET lock_timeout',
  },
  {
    name: 'a slow trigger',
    words: ['slow'],
    before: "ALTER ROLE kv SET statement_timeout = '300ms'",
    after: 'ALTER ROLE kv RESET statement_timeout',
  },
  {
    name: 'a canceled statement',
    during: async () =>
      Promise.all([hold(800), sleep(300).then(async () => sql(`SELECT pg_cancel_backend(pid) ${ACTIVE}`))]),
  },
  {
    name: 'a terminated backend',
    during: async () =>
      Promise.all([hold(800), sleep(300).then(async () => sql(`SELECT pg_terminate_backend(pid) ${ACTIVE}`))]),
  },
  { name: 'a permission that is gone', before: 'REVOKE ALL ON kv_store FROM kv', after: 'GRANT ALL ON kv_store TO kv' },
  {
    name: 'read only',
    before: 'ALTER ROLE kv SET default_transaction_read_only = on',
    after: 'ALTER ROLE kv RESET default_transaction_read_only',
  },
  {
    name: 'serialization',
    before: "ALTER ROLE kv SET default_transaction_isolation = 'repeatable read'",
    after: 'ALTER ROLE kv RESET default_transaction_isolation',
  },
  {
    name: 'a limit of the role',
    before: 'ALTER ROLE kv CONNECTION LIMIT 2',
    after: 'ALTER ROLE kv CONNECTION LIMIT -1',
  },
  {
    name: 'a crash',
    during: async () => {
      const held = hold(800);
      await sleep(300);
      const { rows } = await sql("SELECT pid FROM pg_stat_activity WHERE usename = 'webapp'");
      for (const { pid } of rows as { pid: number }[]) process.kill(pid, 'SIGKILL');
      await held;
    },
  },
];

async function act({ name, words = GOOD, before, during, after }: Scenario): Promise<void> {
  await standIn.forget();
  if (before !== undefined) await sql(before);
  await standIn.forget();
  standIn.scenario = name;
  let isOver = false;
  const over = (): boolean => isOver;
  const busy = [...Array.from({ length: 6 }, async () => standIn.ask(words, over)), blunder(over)];
  await Promise.all([during?.(), sleep(900)]);
  isOver = true;
  await Promise.all(busy);
  if (after !== undefined) await sql(after);
}

function causesOf({ error, scenario }: Told): readonly string[] {
  const cause = CAUSES[error?.code ?? ''];
  return cause === undefined ? (CAUSES_BY_SCENARIO[scenario] ?? []) : [cause];
}

describe.skipIf(native === null)('against a real Postgres, whose truth the client knows', () => {
  beforeAll(async () => {
    server = new PostgresServer(native ?? '', folder);
    await server.start({
      log_destination: 'stderr,csvlog',
      log_line_prefix: '%m [%p] %u@%d/%a ',
      log_filename: 'postgresql.log',
      log_lock_waits: 'on',
      deadlock_timeout: '100ms',
    });
    await sql(SCHEMA);
    standIn = new StandIn(log, server.socketFolder);
    for (const scenario of SCENARIOS) await act(scenario);
    await standIn.forget();
    await server.stop();
    logged = errorsByPid(server.logFolder);
  }, 120_000);

  afterAll(async () => {
    await server.stop();
    if (process.env['WHYD_KEEP_STAND_IN'] === undefined) rmSync(folder, { recursive: true });
    else console.log(`the logs are in ${folder}`);
  });

  test('every scenario failed requests', () => {
    const failed = new Set(standIn.told.map(({ scenario }) => scenario));
    expect([...failed]).toEqual(SCENARIOS.map(({ name }) => name));
  });

  describe.each(['.log', '.csv'])('from its %s', (extension) => {
    let verdicts: readonly Verdict[];
    const verdictOf = ({ line }: Told): Verdict | undefined => verdicts.find(({ symptom }) => symptom.line === line);

    beforeAll(async () => {
      const files = readdirSync(server.logFolder).filter((name) => name.endsWith(extension));
      const paths = [log, ...files.map((name) => join(server.logFolder, name))];
      ({ verdicts } = await analyze(paths, { timezone: null, linePrefix: null, sinceUs: null, untilUs: null }));
    });

    test('each 500 is found once, with its operation', () => {
      expect(verdicts.map(({ symptom, operation }) => [symptom.line, operation])).toEqual(
        standIn.told.map(({ line, operation }) => [line, operation]),
      );
    });

    test('each cause is right', () => {
      for (const told of standIn.told)
        expect(causesOf(told), JSON.stringify(told)).toContain(verdictOf(told)?.cause.id);
    });
  });

  test('the line is right, and where it is called sure it is', async () => {
    const { verdicts } = await analyze([log, join(server.logFolder, 'postgresql.csv')], {
      timezone: null,
      linePrefix: null,
      sinceUs: null,
      untilUs: null,
    });
    const joined = standIn.told.flatMap((told) => {
      const entry = told.error === null ? null : entryOf(told.error, logged);
      const said = verdicts.find(({ symptom }) => symptom.line === told.line)?.postgres;
      return entry === null ? [] : [{ isRight: said?.line === entry.line, isSure: (said?.confidence ?? 0) >= 0.99 }];
    });
    const right = joined.filter(({ isRight }) => isRight).length;
    const sure = joined.filter(({ isSure }) => isSure);
    expect(joined.length).toBeGreaterThan(100);
    expect(right / joined.length).toBeGreaterThan(0.8);
    expect(sure.length).toBeGreaterThan(joined.length / 5);
    expect(sure.filter(({ isRight }) => !isRight).length / sure.length).toBeLessThanOrEqual(0.02);
  });
});
