import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import { readDeadlock } from '../../src/correlate/diagnosis/deadlock-cycle.ts';
import { readWait, waitBehind } from '../../src/correlate/sessions/lock-waits.ts';
import { Sessions } from '../../src/correlate/sessions/sessions.ts';
import { context, entry, failure, Log, WRITE } from './events.ts';
import { windowOf } from './window-of.ts';

const ABORTED = 'current transaction is aborted, commands ignored until end of transaction block';
/** As Postgres 16 wrote it; the third process's statement has a line that looks like another's beginning. */
const CYCLE = [
  'Process 2534 waits for ShareLock on transaction 1827; blocked by process 2649.',
  'Process 2649 waits for ExclusiveLock on tuple (0,156) of relation 16434 of database 16387; blocked by process 2533.',
  'Process 2533 waits for ShareLock on transaction 1830; blocked by process 2534.',
].join('\n');
const STATEMENTS = [
  'Process 2534: ',
  '                        INSERT INTO kv_store (key, value)',
  'Process 2649: UPDATE data_version SET version = version + 1',
  'Process 2533: SELECT $$',
  'Process 2534: not a label',
  '$$',
].join('\n');

describe('a deadlock', () => {
  it('is read by count: edges until the cycle closes, then the statements of those processes', () => {
    expect(readDeadlock(`${CYCLE}\n${STATEMENTS}`)).toEqual([
      {
        pid: 2534,
        waitsFor: 'ShareLock on transaction 1827',
        heldBy: 2649,
        statement: '\n                        INSERT INTO kv_store (key, value)',
      },
      {
        pid: 2649,
        waitsFor: 'ExclusiveLock on tuple (0,156) of relation 16434 of database 16387',
        heldBy: 2533,
        statement: 'UPDATE data_version SET version = version + 1',
      },
      {
        pid: 2533,
        waitsFor: 'ShareLock on transaction 1830',
        heldBy: 2534,
        statement: 'SELECT $$\nProcess 2534: not a label\n$$',
      },
    ]);
  });

  it.each([
    ['what a client was told: edges alone', CYCLE, [null, null, null]],
    [
      'another language',
      'Prozess 7 wartet auf ShareLock-Sperre auf Transaktion 1; blockiert von Prozess 8.\n' +
        'Prozess 8 wartet auf ShareLock-Sperre auf Transaktion 2; blockiert von Prozess 7.\nProzess 7: DELETE\nProzess 8: UPDATE',
      ['DELETE', 'UPDATE'],
    ],
    ['a cycle that was cut off', CYCLE.split('\n').slice(0, 2).join('\n'), []],
    ['another DETAIL', 'Key (key)=(\\x02) already exists.', []],
    ['none', '', []],
  ])('reads %s', (_, detail, statements) => {
    expect(readDeadlock(detail).map(({ statement }) => statement)).toEqual(statements);
  });

  it('shows in the evidence who blocked whom, by name where a session is known', () => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const { verdicts } = correlate(
      windowOf([
        entry(postgres, 1, 'division by zero', { pid: 2649, application: 'nightly', statement: 'SELECT 1/0' }),
        entry(postgres, 9, 'deadlock detected', { pid: 2534, detail: `${CYCLE}\n${STATEMENTS}`, statement: WRITE }),
        failure(denokv, 9, 'deadlock detected', { detail: CYCLE }),
      ]),
    );
    const cycle = verdicts[0]?.evidence.filter(({ rule }) => rule === 'deadlock_cycle').map(({ says }) => says);
    expect(cycle).toEqual([
      'pid 2534 (denokv) waited for ShareLock on transaction 1827, held by pid 2649; it ran: INSERT INTO kv_store (key, value)',
      'pid 2649 (nightly) waited for ExclusiveLock on tuple (0,156) of relation 16434 of database 16387, held by pid 2533; it ran: UPDATE data_version SET version = version + 1',
      'pid 2533 waited for ShareLock on transaction 1830, held by pid 2534; it ran: SELECT $$ Process 2534: not a label $$',
    ]);
    expect(verdicts[0]?.cause.summary).toMatch(/^Three transactions waited for each other and Postgres ended this one/);
  });
});

describe('an aborted transaction', () => {
  const verdictAfter = (
    ...earlier: Parameters<typeof entry>[3][]
  ): ReturnType<typeof correlate>['verdicts'][number] => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const { verdicts } = correlate(
      windowOf([
        ...earlier.map((more) => entry(postgres, 3, 'duplicate key value violates unique constraint "k"', more)),
        entry(postgres, 5, ABORTED, { sqlstate: '25P02', session: 's1', statement: WRITE }),
        failure(denokv, 5, ABORTED),
      ]),
    );
    const [verdict] = verdicts;
    if (verdict === undefined) throw new Error('no verdict');
    return verdict;
  };

  it('has the first error of its backend as its root, past its own repetitions', () => {
    const verdict = verdictAfter(
      { sqlstate: '40P01', message: 'deadlock detected' },
      { sqlstate: '23505', session: 's1' },
      { sqlstate: '25P02', message: ABORTED },
      { sqlstate: '23502', pid: 9 },
    );
    expect(verdict.cause.id).toBe('transaction_aborted');
    expect(verdict.root).toMatchObject({ cause: 'unique_violation', file: 'postgresql.log', line: 2 });
    expect(verdict.cause.summary).toContain('duplicate key value violates unique constraint "k"');
  });

  it.each([
    ['nobody of this backend', { pid: 9 }],
    ['an earlier session of the same pid', { sqlstate: '23505', session: 's0' }],
    ['the end of an earlier session', { sqlstate: '57P01', severity: 'FATAL' }],
  ] as const)('has no root before it but %s', (_, earlier) => {
    expect(verdictAfter(earlier).root).toBeNull();
  });
});

describe("a backend's number", () => {
  it.each([
    [149, 'nightly', 'SELECT 1/0'],
    [151, null, null],
  ])('is the same session for two and a half minutes: %d s later', (seconds, name, statement) => {
    const postgres = new Log('postgresql.log', 1);
    const earlier = entry(postgres, 1, 'division by zero', { pid: 7, application: 'nightly', statement: 'SELECT 1/0' });
    const later = entry(postgres, 1 + seconds, 'deadlock detected', { pid: 8 });
    const sessions = new Sessions([earlier, later]);
    expect(sessions.nameOf(7, later)).toBe(name);
    expect(sessions.lastStatement(7, later)).toBe(statement);
  });
});

describe('a lock wait', () => {
  const WAITING = 'process 12428 still waiting for ShareLock on transaction 1078 after 1000.113 ms';
  const DETAIL = 'Process holding the lock: 13085. Wait queue: 12428.';

  it.each([
    [WAITING, DETAIL, { pid: 12428, lock: 'ShareLock on transaction 1078', waitedMs: 1000.113, holders: [13085] }],
    [WAITING, 'Processes holding the lock: 1, 2. Wait queue: .', { holders: [1, 2] }],
    [WAITING, null, { holders: [] }],
    [
      'Prozess 7 wartet immer noch auf ShareLock-Sperre auf Transaktion 1 nach 1000,5 ms',
      null,
      { pid: 7, waitedMs: 1000.5 },
    ],
    ['process 12428 acquired ShareLock on transaction 1078 after 1200.5 ms', null, null],
  ])('is read from %s (%s)', (message, detail, expected) => {
    const read = readWait(context(new Log('p', 1), 1, message, { detail }));
    if (expected === null) expect(read).toBeNull();
    else expect(read).toMatchObject(expected);
  });

  it.each([
    ['still unanswered', [WAITING], true],
    [
      'first in the queue for the tuple only',
      [WAITING, 'process 3121 acquired ExclusiveLock on tuple (0,1) of relation 1 after 9 ms'],
      true,
    ],
    ['over', [WAITING, 'process 3121 acquired ShareLock on transaction 1078 after 1200.5 ms'], false],
    ['none', ['temporary file: path "x", size 1'], false],
  ])('that is %s stands behind the timeout: %s', (_, messages, isBehind) => {
    const log = new Log('p', 1);
    const entries = messages.map((message) => context(log, 1, message));
    const error = entry(log, 3, 'canceling statement due to statement timeout');
    expect(waitBehind(error, new Sessions([...entries, error])) !== null).toBe(isBehind);
  });

  const UPDATE = 'UPDATE data_version SET version = version + 1 WHERE k = 0 RETURNING version';

  it.each([
    ['of the statement whose time ran out', true, UPDATE, true],
    ['of another statement', true, 'COMMIT', false],
    ['of a statement that met another error than its time', false, UPDATE, false],
  ])('that was answered, %s, stands behind the error: %s', (_, timesStatement, statement, isBehind) => {
    const log = new Log('p', 1);
    const answered = 'process 3121 acquired ShareLock on transaction 1078 after 743.2 ms';
    const entries = [WAITING, answered].map((message) => context(log, 1, message, { statement }));
    const error = entry(log, 3, 'canceling statement due to statement timeout', { statement: UPDATE });
    expect(waitBehind(error, new Sessions([...entries, error]), timesStatement) !== null).toBe(isBehind);
  });

  it('of an earlier statement is not behind a later one: another error stands between', () => {
    const log = new Log('p', 1);
    const entries = [context(log, 1, WAITING), entry(log, 2, 'division by zero'), entry(log, 3, 'canceling')];
    const error = entries.at(-1);
    expect(error?.kind === 'postgres_error' && waitBehind(error, new Sessions(entries))).toBeNull();
  });
});
