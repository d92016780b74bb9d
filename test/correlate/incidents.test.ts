import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import { incidentAt, incidentsOf } from '../../src/correlate/incidents/incidents.ts';
import type { PostgresContextEvent } from '../../src/domain.ts';
import { clientFailure, context, entry, failure, Log, note, START_US, WRITE } from './events.ts';
import { windowOf } from './window-of.ts';

const CRASH = 'server process (PID 7261) was terminated by signal 9: Killed';
const READY = 'database system is ready to accept connections';
type Line = readonly [seconds: number, message: string];

function incidents(lines: readonly Line[]): readonly (readonly (number | string | null)[])[] {
  const log = new Log('postgresql.log', 1);
  const window = windowOf(lines.map(([seconds, message]) => context(log, seconds, message)));
  return incidentsOf(window, 0).map(({ cause, startUs, endUs }) => [
    cause,
    (startUs - START_US) / 1e6,
    endUs === null ? null : (endUs - START_US) / 1e6,
  ]);
}

describe('incidents of the whole server', () => {
  it.each<[string, readonly Line[], readonly (readonly (number | string | null)[])[]]>([
    [
      'crash and recovery',
      [
        [1, CRASH],
        [3, READY],
      ],
      [['server_crash', 1, 3]],
    ],
    [
      'a crash, as 18 words it',
      [
        [1, 'client backend (PID 9) was terminated by signal 9: Killed'],
        [3, READY],
      ],
      [['server_crash', 1, 3]],
    ],
    [
      'a parallel worker that crashed',
      [[1, 'background worker "parallel worker" (PID 9) was terminated by signal 11: Segmentation fault']],
      [['server_crash', 1, null]],
    ],
    [
      'a process that left with code 127',
      [[1, 'server process (PID 9) exited with exit code 127']],
      [['server_crash', 1, null]],
    ],
    [
      'a worker that left with code 1',
      [[1, 'background worker "logical replication launcher" (PID 9) exited with exit code 1']],
      [],
    ],
    [
      'a shutdown made faster',
      [
        [1, 'received smart shutdown request'],
        [4, 'received fast shutdown request'],
        [9, READY],
      ],
      [['server_shutdown', 1, 9]],
    ],
    [
      'a crash during a shutdown',
      [
        [1, 'received fast shutdown request'],
        [2, CRASH],
        [9, READY],
      ],
      [
        ['server_shutdown', 1, 2],
        ['server_crash', 2, 9],
      ],
    ],
    ['a server that never came back', [[1, 'received immediate shutdown request']], [['server_shutdown', 1, null]]],
    [
      'two crashes in one recovery',
      [
        [1, CRASH],
        [2, CRASH],
        [5, READY],
      ],
      [['server_crash', 1, 5]],
    ],
    [
      'a standby of 13',
      [
        [1, CRASH],
        [5, 'database system is ready to accept read only connections'],
      ],
      [['server_crash', 1, 5]],
    ],
    [
      'a start, and nothing before it',
      [
        [1, 'starting PostgreSQL 15.18 on x86_64'],
        [2, READY],
      ],
      [['server_starting', 1, 2]],
    ],
    [
      'a start that a shutdown made needful',
      [
        [1, 'received fast shutdown request'],
        [2, 'starting PostgreSQL 15.18 on x86_64'],
        [3, READY],
      ],
      [['server_shutdown', 1, 3]],
    ],
  ])('are known: %s', (_, lines, expected) => {
    expect(incidents(lines)).toEqual(expected);
  });

  it('hold what falls into them and just behind them, the latest first', () => {
    const log = new Log('postgresql.log', 1);
    const lines = [
      context(log, 10, CRASH),
      context(log, 20, READY),
      context(log, 30, 'received fast shutdown request'),
    ];
    const found = incidentsOf(windowOf(lines), 0);
    const causeAt = (seconds: number): string | undefined => {
      const fromUs = START_US + seconds * 1e6;
      return incidentAt(found, { fromUs, toUs: fromUs + 1e6, noticed: null }, 1_500_000)?.cause;
    };
    expect([5, 10, 15, 21, 25, 30, 9999].map(causeAt)).toEqual([
      undefined,
      'server_crash',
      'server_crash',
      'server_crash',
      undefined,
      'server_shutdown',
      'server_shutdown',
    ]);
  });
});

describe('a crash and a shutdown close by', () => {
  const lines = (shutdown: number): PostgresContextEvent[] => {
    const log = new Log('postgresql.log', 1);
    return [context(log, 10, CRASH), context(log, 10, READY), context(log, shutdown, 'received fast shutdown request')];
  };
  const causeOf = (shutdown: number, notice: string | null): string | undefined => {
    const denokv = new Log('denokv.log', 0);
    const told = notice === null ? [] : [note(denokv, 10, { topic: 'connection_notice', text: notice })];
    const events = [...told, clientFailure(denokv, 10, 'connection closed'), ...lines(shutdown)];
    return correlate(windowOf(events)).verdicts[0]?.cause.id;
  };

  it('are told apart by what had begun', () => {
    expect(causeOf(12, null)).toBe('server_crash');
  });

  it('are told apart within one second by what Postgres told the sessions', () => {
    const crashed = 'WARNING: terminating connection because of crash of another server process';
    expect(causeOf(10, crashed)).toBe('server_crash');
    expect(causeOf(10, 'WARNING: terminating connection due to immediate shutdown command')).toBe('server_shutdown');
    expect(causeOf(10, 'NOTICE: relation "kv_store" already exists, skipping')).toBe('server_shutdown');
  });

  it('forget a notice that is long past', () => {
    const denokv = new Log('denokv.log', 0);
    const old = note(denokv, 5, {
      topic: 'connection_notice',
      text: 'WARNING: terminating connection because of crash of another server process',
    });
    const events = [old, clientFailure(denokv, 10, 'connection closed'), ...lines(10)];
    expect(correlate(windowOf(events)).verdicts[0]?.cause.id).toBe('server_shutdown');
  });
});

describe('incidents with their failures', () => {
  const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
  const REFUSED = 'error connecting to server: Connection refused (os error 111)';
  const FULL = 'could not extend file "base/16387/16398": No space left on device';
  const WAIT = 'process 3121 still waiting for ShareLock on transaction 1078 after 1000.113 ms';
  const TIMEOUT = 'canceling statement due to statement timeout';
  const events = [
    context(postgres, 10, CRASH),
    context(postgres, 13, READY),
    ...[11, 12].map((seconds) => clientFailure(denokv, seconds, REFUSED)),
    failure(denokv, 12, 'division by zero'),
    ...[40, 42, 44].flatMap((seconds) => [
      entry(postgres, seconds, FULL, { sqlstate: '53100', statement: WRITE }),
      failure(denokv, seconds, FULL),
    ]),
    entry(postgres, 90, FULL, { sqlstate: '53100', statement: WRITE }),
    failure(denokv, 90, FULL),
    entry(postgres, 99, 'division by zero', { pid: 77, application: 'nightly', user: 'batch' }),
    ...[100, 103, 106].flatMap((seconds) => [
      context(postgres, seconds, WAIT, { detail: 'Process holding the lock: 77. Wait queue: 3121.' }),
      entry(postgres, seconds + 2, TIMEOUT, { statement: WRITE }),
      failure(denokv, seconds + 2, TIMEOUT),
    ]),
  ];

  it('count a crash, a full disk and a lock pile-up, and leave a lone failure alone', () => {
    const found = correlate(windowOf(events), { identity: { user: 'denokv' } }).incidents;
    expect(found.map(({ cause, failures, share }) => [cause, failures, share])).toEqual([
      ['server_crash', 2, 0.667],
      ['disk_full', 3, 1],
      ['lock_pile_up', 3, 1],
    ]);
    expect(found[0]?.summary).toContain('memory runs out');
    expect(found[2]?.summary).toBe('requests waited for locks behind pid 77 (nightly)');
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
  });
});
