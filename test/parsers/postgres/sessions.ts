import fc from 'fast-check';
import type { Backend, Entry } from './render.ts';

const START_SECONDS = 1_795_406_073;

/** What happens in a session: its entries without the backend and the time. */
type Happening = Omit<Entry, 'backend' | 'atMs'>;

const HAPPENINGS: readonly Happening[] = [
  { severity: 'ERROR', sqlstate: '42P01', message: 'relation "nope" does not exist', statement: 'SELECT * FROM nope' },
  {
    severity: 'ERROR',
    sqlstate: '23505',
    message: 'duplicate key value violates unique constraint "kv_store_pkey"',
    detail: 'Key (key)=(\\x0275) already exists.',
    statement: '\n    INSERT INTO kv_store (key, value)\n\n    VALUES ($1, $2)\n',
  },
  {
    severity: 'ERROR',
    sqlstate: '40P01',
    message: 'deadlock detected',
    detail: 'Process 7 waits for ShareLock on transaction 778; blocked by process 8.\nProcess 7: UPDATE t SET v=v+1',
    hint: 'See server log for query details.',
    context: 'while updating tuple (0,1) in relation "t"',
    statement: 'UPDATE t SET v=v+1 WHERE id = 2 -- 2026-11-23 05:00:00 UTC LOG:  not an entry',
  },
  { severity: 'FATAL', sqlstate: '57P01', message: 'terminating connection due to administrator command' },
  {
    severity: 'ERROR',
    sqlstate: '22012',
    message: 'division by zero',
    context: "unnamed portal with parameters: $1 = '0'",
    statement: 'SELECT 1/$1::int',
  },
  { severity: 'LOG', sqlstate: '00000', message: 'could not receive data from client: Connection reset by peer' },
  { severity: 'WARNING', sqlstate: '01000', message: 'there is already a transaction in progress' },
];
const BACKGROUND: readonly (readonly [string, string])[] = [
  ['postmaster', 'database system is ready to accept connections'],
  ['checkpointer', 'checkpoint starting: time'],
  ['checkpointer', 'checkpoint complete: wrote 3 buffers (0.0%); 0 WAL file(s) added, 0 removed'],
  ['postmaster', 'received SIGHUP, reloading configuration files'],
  ['startup', 'database system was shut down at 2026-11-23 03:53:51 UTC'],
];

export interface SessionOptions {
  readonly users: readonly string[];
  readonly databases: readonly string[];
  readonly applications: readonly string[];
  readonly hosts: readonly string[];
}

export const PLAIN_NAMES: SessionOptions = {
  users: ['alice', 'app_rw', 'denokv'],
  databases: ['kv', 'shop', 'reporting_db'],
  applications: ['psql', 'billing', ''],
  hosts: ['[local]', '10.0.0.7', '::1', 'fe80::aede:48ff:fe00:1122'],
};

export const HARD_NAMES: SessionOptions = {
  users: ['alice', 'app_rw', 'svc-7', 'denokv', 'ro,le x', 'bob@corp'],
  databases: ['kv', 'shop', 'sh-op', 'we ird,db'],
  applications: ['psql', 'my app [x] LOG:  fake', 'billing', 'PostgreSQL JDBC Driver', 'a, b=c', 'x ERROR:  0A000: y'],
  hosts: ['[local]', '10.0.0.7', '2001:db8::7', 'db-client.example.org'],
};

/** A log of some sessions and the background processes, in order of time. */
export function logOf(options: SessionOptions, { minEntries = 12, maxEntries = 40 } = {}): fc.Arbitrary<Entry[]> {
  const session = ({ users, databases, applications, hosts }: SessionOptions) =>
    fc.record({
      pid: fc.integer({ min: 300, max: 4_000_000 }),
      user: fc.constantFrom(...users),
      database: fc.constantFrom(...databases),
      application: fc.constantFrom(...applications),
      host: fc.constantFrom(...hosts),
      port: fc.integer({ min: 1024, max: 65535 }),
      startSeconds: fc.integer({ min: START_SECONDS, max: START_SECONDS + 1000 }),
    });
  // No server has nothing but odd names.
  const sessions = fc
    .tuple(
      fc.array(session(PLAIN_NAMES), { minLength: 3, maxLength: 3 }),
      fc.array(session(options), { minLength: 0, maxLength: 3 }),
    )
    .map(([plain, others]) =>
      [...plain, ...others].map((one, index) => ({ ...one, pid: one.pid - (one.pid % 8) + index })),
    );
  const steps = fc.array(fc.record({ who: fc.nat(), what: fc.nat(), passesMs: fc.integer({ min: 1, max: 4000 }) }), {
    minLength: minEntries,
    maxLength: maxEntries,
  });
  return fc.tuple(sessions, steps).map(([known, happens]) => {
    let atMs = (START_SECONDS + 2000) * 1000;
    return happens.map(({ who, what, passesMs }): Entry => {
      atMs += passesMs;
      const one = known[who % (known.length + 1)];
      if (one !== undefined) {
        const happening = HAPPENINGS[what % HAPPENINGS.length] ?? HAPPENINGS[0];
        const backend = { ...one, type: 'client backend', port: one.host === '[local]' ? null : one.port };
        return { backend, atMs, severity: 'LOG', sqlstate: '00000', message: '', ...happening };
      }
      const [type, message] = BACKGROUND[what % BACKGROUND.length] ?? ['postmaster', ''];
      return { backend: backgroundProcess(type), atMs, severity: 'LOG', sqlstate: '00000', message };
    });
  });
}

export function backgroundProcess(type: string): Backend {
  const pid = 100 + ['postmaster', 'checkpointer', 'startup', 'background writer'].indexOf(type);
  return { pid, startSeconds: START_SECONDS, type, user: null, database: '', application: '', host: '', port: null };
}
