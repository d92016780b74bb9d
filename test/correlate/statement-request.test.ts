import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import { requestInStatement } from '../../src/correlate/requests/statement-request.ts';
import { entry, failure, Log, WRITE } from './events.ts';
import { windowOf } from './window-of.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

// Point 17 of what users of log analysers complain about.
describe("17: a request's id in its SQL", () => {
  it.each([
    [`SELECT 1 /*action='x',traceparent='00-${TRACE}-00f067aa0ba902b7-01'*/`, TRACE],
    ['/*application:kv,request_id:7c1e0f9a3b*/ UPDATE t SET v = 1', '7c1e0f9a3b'],
    [`/* a */ SELECT ${'x, '.repeat(2000)} 1 /* request_id='abc-def-1' */`, 'abc-def-1'],
    ['SELECT 1 /* request_id=1 */', null],
    ["SELECT 'request_id=7c1e0f9a3b'", null],
    [`/*${'*'.repeat(100_000)}`, null],
    ['COMMIT', null],
    [null, null],
  ])('is read from a comment, and from nothing else: %#', (statement, id) => {
    expect(requestInStatement(statement)).toBe(id);
  });

  it('is the request that the failure is found by where no proxy tells', () => {
    const [denokv, postgres] = [new Log('denokv.log', 1), new Log('postgresql.log', 2)];
    const statement = `${WRITE} /* request_id=7c1e0f9a3b */`;
    const { verdicts } = correlate(
      windowOf([
        entry(postgres, 1, 'deadlock detected', { statement, sqlstate: '40P01' }),
        failure(denokv, 1, 'deadlock detected'),
      ]),
    );
    expect(verdicts).toMatchObject([{ requestId: '7c1e0f9a3b', cause: { id: 'deadlock' } }]);
  });
});
