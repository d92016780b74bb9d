import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import type { DenokvNoteEvent, LogEvent, Verdict } from '../../src/domain.ts';
import { clientFailure, context, entry, failure, Log, note, WRITE } from './events.ts';
import { windowOf } from './window-of.ts';

const ENDED = 'terminating connection due to administrator command';
const IDLE = 'terminating connection due to idle-in-transaction timeout';
const CLOSED = 'connection closed';
const FATAL = { severity: 'FATAL', sqlstate: '57P01' } as const;
const logs = () => ({ denokv: new Log('denokv.log', 0), postgres: new Log('postgresql.log', 1) });

/** What the connection's own task says of its end: it heard the FATAL. */
function warning(log: Log, seconds: number, message: string): DenokvNoteEvent {
  const error = { severity: 'FATAL', message, detail: null, hint: null };
  return note(log, seconds, {
    topic: 'connection_error',
    text: `Connection error: db error: FATAL: ${message}`,
    body: { kind: 'server', error },
  });
}

function verdictsOf(events: readonly LogEvent[]): readonly Verdict[] {
  return correlate(windowOf(events), { identity: { user: 'denokv' } }).verdicts;
}

describe('a lost connection', () => {
  it('takes the entry that its own warning quotes, and not another that ended in the same second', () => {
    const { denokv, postgres } = logs();
    const [verdict] = verdictsOf([
      entry(postgres, 1, IDLE, { severity: 'FATAL', sqlstate: '25P03', pid: 1 }),
      entry(postgres, 1, ENDED, { ...FATAL, pid: 2, statement: WRITE }),
      warning(denokv, 1, IDLE),
      ...Array.from({ length: 30 }, () => note(denokv, 1)),
      warning(denokv, 1, ENDED),
      clientFailure(denokv, 1, CLOSED),
    ]);
    expect(verdict?.postgres).toMatchObject({ line: 2, pid: 2 });
    expect(verdict?.cause.id).toBe('backend_terminated');
  });

  it("does not take another server's warning, however near it stands", () => {
    const { denokv, postgres } = logs();
    const other = new Log('denokv-2.log', 5);
    const [verdict] = verdictsOf([
      entry(postgres, 1, IDLE, { severity: 'FATAL', sqlstate: '25P03', pid: 1 }),
      entry(postgres, 1, ENDED, { ...FATAL, pid: 2, statement: WRITE }),
      warning(denokv, 1, ENDED),
      clientFailure(denokv, 1, CLOSED),
      warning(other, 1, IDLE),
    ]);
    expect(verdict?.postgres).toMatchObject({ pid: 2 });
  });

  it('takes an end that nobody else tells of', () => {
    const { denokv, postgres } = logs();
    const [verdict] = verdictsOf([
      entry(postgres, 4, IDLE, { severity: 'FATAL', sqlstate: '25P03' }),
      clientFailure(denokv, 4, CLOSED),
    ]);
    expect(verdict).toMatchObject({ postgres: { line: 1 }, cause: { id: 'idle_in_transaction_timeout' } });
  });

  it('of a second request on a connection that had just ended names that end as its root', () => {
    const { denokv, postgres } = logs();
    const verdicts = verdictsOf([
      entry(postgres, 4, ENDED, { ...FATAL, statement: WRITE }),
      failure(denokv, 4, ENDED),
      clientFailure(denokv, 5, CLOSED),
    ]);
    expect(verdicts[1]).toMatchObject({ postgres: null, cause: { id: 'backend_terminated' }, root: { line: 1 } });
  });

  it.each([
    ['a crash', 'server process (PID 9) was terminated by signal 9: Killed', 'server_crash'],
    ['a shutdown', 'received fast shutdown request', 'server_shutdown'],
  ])('of %s has it as its root', (_, message, cause) => {
    const { denokv, postgres } = logs();
    const [verdict] = verdictsOf([context(postgres, 4, message), clientFailure(denokv, 4, CLOSED)]);
    expect(verdict).toMatchObject({ cause: { id: cause }, root: { cause, line: 1 }, postgres: null });
  });

  it('without any reason in the log is just that, and less sure without the log', () => {
    const { denokv } = logs();
    const window = windowOf([clientFailure(denokv, 4, CLOSED)]);
    const causeIn = (postgres: typeof window.coverage.postgres) =>
      correlate({ ...window, coverage: { ...window.coverage, postgres } }).verdicts[0]?.cause;
    expect(causeIn(window.coverage.postgres)).toMatchObject({ id: 'connection_lost', confidence: 0.93 });
    expect(causeIn(null)).toMatchObject({ id: 'connection_lost', confidence: 0.6 });
  });
});
