import { describe, expect, it } from 'vitest';
import { endedByEvidence } from '../../src/correlate/sessions/ended-by.ts';
import { Sessions } from '../../src/correlate/sessions/sessions.ts';
import { context, entry, Log } from './events.ts';

const ADMIN = { pid: 5280, user: 'postgres', application: 'psql' } as const;
const END = ['terminating connection due to administrator command', '57P01'] as const;
const CANCEL = ['canceling statement due to user request', '57014'] as const;
const LOOKED_UP = "pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'denokv'";

describe('who ended a session', () => {
  it.each([
    ['its pid was typed', 'SELECT pg_terminate_backend(3121)', END, 'pid 5280 (psql) called for it: ', 4.6],
    ['its pid was looked up', `SELECT ${LOOKED_UP}`, END, 'pid 5280 (psql) ended sessions just then: ', 2.3],
    ['its statement was canceled', 'select pg_cancel_backend( 3121 )', CANCEL, 'pid 5280 (psql) called for it: ', 4.6],
    ['another session was meant', 'SELECT pg_terminate_backend(4)', END, null, 0],
    ['a statement was canceled, not the session ended', 'SELECT pg_cancel_backend(3121)', END, null, 0],
    ['nothing was ended', 'SELECT pg_sleep(3121)', END, null, 0],
  ])('where %s', (_, sql, [message, sqlstate], says, weight) => {
    const log = new Log('p.log', 1);
    const call = context(log, 1, `statement: ${sql}`, ADMIN);
    const error = entry(log, 1, message, { sqlstate });
    const expected = says === null ? [] : [{ rule: 'ended_by', weight, says: `${says}${sql} (p.log:1)` }];
    expect(endedByEvidence(error, new Sessions([call, error]))).toEqual(expected);
  });

  it('is the last before it in the log, of equal stamps too; a call whose time was taken comes after it', () => {
    const log = new Log('p.log', 1);
    const call = (message: string, statement: string | null = null) =>
      context(log, 1, message, { ...ADMIN, statement });
    const error = (): ReturnType<typeof entry> => entry(log, 1, END[0], { sqlstate: END[1] });
    const first = [call(`statement: SELECT ${LOOKED_UP}`), error(), call(`statement: SELECT ${LOOKED_UP}`), error()];
    const places = first.flatMap((one) =>
      one.kind === 'postgres_error' ? endedByEvidence(one, new Sessions(first)).map(({ says }) => says.slice(-8)) : [],
    );
    expect(places).toEqual(['p.log:1)', 'p.log:3)']);
    const timed = [error(), call('duration: 0.412 ms', `SELECT ${LOOKED_UP}`)] as const;
    expect(endedByEvidence(timed[0], new Sessions(timed))).toHaveLength(1);
  });

  it('is not who called for an end long before', () => {
    const log = new Log('p.log', 1);
    const call = context(log, 1, `statement: SELECT ${LOOKED_UP}`, ADMIN);
    const error = entry(log, 4, END[0], { sqlstate: END[1] });
    expect(endedByEvidence(error, new Sessions([call, error]))).toEqual([]);
  });
});
