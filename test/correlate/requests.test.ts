import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import { proxyClockOf } from '../../src/correlate/clock/proxy-clock.ts';
import type { LogEvent, Operation, Verdict } from '../../src/domain.ts';
import { at, entry, failure, Log, note, READ, response, START_US, WRITE } from './events.ts';
import { windowOf } from './window-of.ts';

const BOOM = 'relation "kv_store" does not exist';
const logs = () => ({
  denokv: new Log('denokv.log', 0),
  postgres: new Log('postgresql.log', 1),
  proxy: new Log('access.log', 2),
});
const seconds = (count: number, step = 7): number[] =>
  Array.from({ length: count }, (_, n) => n * step + ((n * n) % 5));

function verdictsOf(events: readonly LogEvent[]): readonly Verdict[] {
  return correlate(windowOf(events), { identity: { user: 'denokv' } }).verdicts;
}

describe('requests of a proxy', () => {
  it("give each failure its id, also where their durations differ and denokv's second holds several", () => {
    const { denokv, postgres, proxy } = logs();
    const times = [1.1, 1.4, 1.8, 2.3];
    const events = times.flatMap((time, n) => [
      entry(postgres, time, BOOM, { at: at(time, 'millisecond'), statement: WRITE, pid: n }),
      failure(denokv, time, BOOM),
      response(proxy, time + 0.004, `r${n}`, { durationMs: 1000 * n }),
    ]);
    expect(verdictsOf(events).map(({ requestId, postgres: line }) => [requestId, line?.line])).toEqual(
      times.map((_, n) => [`r${n}`, n + 1]),
    );
  });

  it('leave a failure that bypassed the proxy without one', () => {
    const { denokv, postgres, proxy } = logs();
    const events = seconds(6, 10).flatMap((time, n) => [
      entry(postgres, time, BOOM, { statement: WRITE }),
      failure(denokv, time, BOOM),
      ...(n === 3 ? [] : [response(proxy, time + 0.01, `r${n}`)]),
    ]);
    expect(verdictsOf(events).map(({ requestId }) => requestId)).toEqual(['r0', 'r1', 'r2', null, 'r4', 'r5']);
  });

  it('show the 500 that denokv did not log, with the entry that nobody claims', () => {
    const { denokv, postgres, proxy } = logs();
    const events = seconds(4, 10).flatMap((time, n) => [
      entry(postgres, time, BOOM, { at: at(time, 'millisecond'), statement: READ, sqlstate: '42P01' }),
      ...(n === 2 ? [] : [failure(denokv, time, BOOM, { operation: 'snapshot_read' })]),
      response(proxy, time + 0.01, `r${n}`, { operation: 'snapshot_read' }),
    ]);
    const unlogged = verdictsOf(events).filter(({ symptom }) => symptom.source === 'proxy');
    expect(unlogged).toHaveLength(1);
    expect(unlogged[0]).toMatchObject({
      requestId: 'r2',
      operation: 'snapshot_read',
      cause: { id: 'missing_relation' },
      postgres: { line: 3 },
    });
  });

  it("part torn writes from reads by the proxy's paths, in the proxy's order", () => {
    const { denokv, proxy } = logs();
    // Two writes announced themselves; which of the four errors below are theirs, no line tells.
    const guessed: Operation[] = ['atomic_write', 'atomic_write', 'snapshot_read', 'snapshot_read'];
    const asked: Operation[] = ['atomic_write', 'snapshot_read', 'snapshot_read', 'atomic_write'];
    const events = [
      ...guessed.map((operation) => failure(denokv, 1, BOOM, { operation })),
      ...asked.map((operation, n) => response(proxy, 1.5, `r${n}`, { operation })),
    ];
    expect(verdictsOf(events).map(({ requestId, operation }) => [requestId, operation])).toEqual(
      asked.map((operation, n) => [`r${n}`, operation]),
    );
  });

  describe('of refused connections', () => {
    const FULL = 'too many connections for role "denokv"';
    interface Refusal {
      readonly pid: number;
      readonly durationMs: number;
    }
    /** Told in this order, answered within a millisecond; Postgres wrote them in the order of `logged`. */
    const linesOf = (told: readonly Refusal[], logged: readonly number[]): (number | undefined)[] => {
      const { denokv, postgres, proxy } = logs();
      const events = [
        ...logged.map((pid) =>
          entry(postgres, 1, FULL, { severity: 'FATAL', sqlstate: '53300', pid, statement: null }),
        ),
        ...told.map(() => failure(denokv, 1, FULL, { connecting: true })),
        ...told.map(({ durationMs }, n) => response(proxy, 1.5 + n / 10_000, `r${n}`, { durationMs })),
      ];
      return verdictsOf(events).map(({ postgres: line }) => line?.pid ?? undefined);
    };

    it.each<[string, readonly Refusal[], readonly number[], readonly number[]]>([
      [
        'in another order than they began',
        [
          { pid: 31, durationMs: 10 },
          { pid: 30, durationMs: 12 },
          { pid: 29, durationMs: 19 },
        ],
        [30, 29, 31],
        [31, 30, 29],
      ],
      [
        'that began together: in the order of the logs',
        [
          { pid: 31, durationMs: 10 },
          { pid: 30, durationMs: 10 },
        ],
        [31, 30],
        [31, 30],
      ],
      [
        'around a wrap of the pids: in the order of the logs',
        [
          { pid: 300, durationMs: 10 },
          { pid: 32_767, durationMs: 12 },
        ],
        [300, 32_767],
        [300, 32_767],
      ],
    ])('tell them apart by their beginnings, told %s', (_, told, logged, expected) => {
      expect(linesOf(told, logged)).toEqual(expected);
    });

    it.each([
      ['one proxy tells: surely', 'access.log', true],
      ['another one answered in the same moment: less surely', 'other.log', false],
    ])('tell them apart by their beginnings where %s', (_, file, isSure) => {
      const { denokv, postgres, proxy } = logs();
      const other = file === 'access.log' ? proxy : new Log(file, 3);
      const events = [29, 31].flatMap((pid, n) => [
        entry(postgres, 1, FULL, { severity: 'FATAL', sqlstate: '53300', pid, statement: null }),
        failure(denokv, 1, FULL, { connecting: true }),
        response(n === 0 ? proxy : other, 1.5, `r${n}`, { durationMs: 19 - 9 * n }),
      ]);
      const confidences = verdictsOf(events).map(({ postgres: line }) => line?.confidence ?? 0);
      expect(confidences.map((confidence) => confidence >= 0.99)).toEqual([isSure, isSure]);
    });
  });

  it.each<[string, Operation | null, Operation | null]>([
    ['denokv', null, 'atomic_write'],
    ['the proxy', 'atomic_write', null],
  ])('count each failure once where %s does not tell the operation', (_, ofDenokv, ofProxy) => {
    const { denokv, proxy } = logs();
    const events = seconds(5).flatMap((time, n) => [
      failure(denokv, time, BOOM, { operation: ofDenokv }),
      response(proxy, time + 0.01, `r${n}`, { operation: ofProxy }),
    ]);
    expect(verdictsOf(events).map(({ requestId }) => requestId)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
  });

  it.each([90, -3600, 0.4])("count each failure once where the proxy's clock is %d s ahead", (skew) => {
    const { denokv, proxy } = logs();
    const events = seconds(30).flatMap((time, n) => [
      failure(denokv, time, BOOM),
      response(proxy, time + skew + 0.3, `r${n}`),
    ]);
    expect(verdictsOf(events).map(({ requestId }) => requestId)).toEqual(seconds(30).map((_, n) => `r${n}`));
  });

  it('answer for the status that denokv traces where there is no proxy', () => {
    const { denokv, postgres } = logs();
    const traced = (time: number) => note(denokv, time, { text: 'Server::encode status=500, body=Some(Known(34))' });
    const events = [
      entry(postgres, 1, BOOM, { statement: WRITE }),
      failure(denokv, 1, BOOM),
      traced(1),
      note(denokv, 5, { text: 'Server::encode status=200, body=None' }),
      traced(9),
    ];
    const verdicts = verdictsOf(events);
    expect(verdicts.map(({ symptom }) => symptom.line)).toEqual([1, 4]);
    expect(verdicts[1]?.cause).toMatchObject({ id: 'value_encoding', certainty: 'likely' });
  });
});

describe('proxies that stand one behind the other', () => {
  it('tell of each request once, and of each attempt under one id', () => {
    const { denokv, proxy } = logs();
    const edge = new Log('edge.log', 3);
    const events = seconds(20).flatMap((time, n) => [
      failure(denokv, time, BOOM),
      response(proxy, time + 0.01, `r${Math.floor(n / 2)}`),
      response(edge, time + 0.012, `r${Math.floor(n / 2)}`),
    ]);
    const verdicts = verdictsOf(events);
    expect(verdicts.map(({ symptom }) => symptom.source)).toEqual(Array(20).fill('denokv'));
    expect(verdicts.map(({ requestId }) => requestId)).toEqual(seconds(20).map((_, n) => `r${Math.floor(n / 2)}`));
  });
});

describe('a proxy before one of several denokvs', () => {
  const times = seconds(30);
  const gaveOf = (events: readonly LogEvent[], file: string): readonly (string | null)[] =>
    verdictsOf(events)
      .filter(({ symptom }) => symptom.file === file)
      .map(({ requestId }) => requestId);

  it("gives its requests to that one's failures, also where another fails in the same second before them", () => {
    const { denokv, proxy } = logs();
    const other = new Log('other.log', 3);
    const events = times.flatMap((time, n) => [
      failure(other, time + 0.1, BOOM),
      failure(other, time + 0.2, BOOM),
      failure(denokv, time + 0.4, BOOM),
      response(proxy, time + 0.401, `r${n}`),
    ]);
    expect(gaveOf(events, 'denokv.log')).toEqual(times.map((_, n) => `r${n}`));
    expect(new Set(gaveOf(events, 'other.log'))).toEqual(new Set([null]));
  });

  it('shares them where it stands before both', () => {
    const { denokv, proxy } = logs();
    const other = new Log('other.log', 3);
    const events = times.flatMap((time, n) => [
      failure(other, time + 0.1, BOOM),
      response(proxy, time + 0.101, `o${n}`),
      failure(denokv, time + 1.4, BOOM),
      response(proxy, time + 1.401, `r${n}`),
    ]);
    expect([...gaveOf(events, 'denokv.log'), ...gaveOf(events, 'other.log')]).not.toContain(null);
  });

  it('is found with its clock an hour off', () => {
    const { denokv, proxy } = logs();
    const other = new Log('other.log', 3);
    const events = times.flatMap((time, n) => [
      ...(n % 3 === 0 ? [] : [failure(other, time + 0.1, BOOM), failure(other, time + 1.2, BOOM)]),
      failure(denokv, time + 0.4, BOOM),
      response(proxy, time + 3600.401, `r${n}`),
    ]);
    expect(gaveOf(events, 'denokv.log')).toEqual(times.map((_, n) => `r${n}`));
    expect(new Set(gaveOf(events, 'other.log'))).toEqual(new Set([null]));
  });
});

describe('proxyClockOf', () => {
  const timed = (time: number, width = 1) => {
    const fromUs = START_US + time * 1e6;
    return { interval: { fromUs, toUs: fromUs + width * 1e6 } };
  };
  const failures = seconds(40).map((time) => timed(time));

  it.each([
    ['clocks agree', 0.2, 0],
    ['two minutes', 120.2, 120.2],
    ['the other way', -120.2, -120.2],
  ])('says how far the clocks are apart: %s', (_, skew, expected) => {
    const answers = seconds(40).map((time) => timed(time + skew, 0.001));
    // All failures came with the turn of a second, as none do: their clock could as well be anywhere within it.
    expect(Math.abs(proxyClockOf(failures, answers).aheadUs / 1e6 - expected)).toBeLessThan(0.7);
  });

  it.each([180, -180, 3600, 0.4, -0.4, 0.06, -0.03, 0])('finds it to a hundredth of a second: %s s', (skew) => {
    // Failures at all parts of a second, whose line prints the second alone; clients that try again cause some half a second apart.
    const moments = seconds(200).flatMap((time) => {
      const moment = time * 5 + ((time * time * 7) % 11) / 3 + ((time * 37) % 100) / 100;
      return [moment, moment + 0.5];
    });
    const told = moments.map((time) => timed(Math.floor(time))).sort((a, b) => a.interval.fromUs - b.interval.fromUs);
    const answers = moments
      .map((time) => timed(time + 0.001 + skew, 0.001))
      .sort((a, b) => a.interval.fromUs - b.interval.fromUs);
    const { aheadUs, doubtUs } = proxyClockOf(told, answers);
    expect(Math.abs(aheadUs / 1e6 - skew)).toBeLessThan(0.01);
    expect(doubtUs / 1e6).toBeLessThan(0.02);
  });

  it.each([0, 0.03, -0.2, 0.7, 3.2])(
    'finds it in a storm, where every failure has some answer near it: %s s',
    (skew) => {
      // Some forty a second, by a rule that never repeats.
      let us = 0;
      const moments = Array.from({ length: 1500 }, (_, n) => (us += ((n * n * 7919) % 5003) * 10)).map(
        (at) => at / 1e6,
      );
      const { aheadUs, doubtUs } = proxyClockOf(
        moments.map((time) => timed(Math.floor(time))),
        moments.map((time) => timed(Math.round((time + 0.001 + skew) * 1000) / 1000, 0.001)),
      );
      expect(Math.abs(aheadUs / 1e6 - skew)).toBeLessThan(0.01);
      expect(doubtUs / 1e6).toBeLessThan(0.05);
    },
  );

  it('finds it where both logs print fractions, by the answers right behind the failures', () => {
    const moments = seconds(200).flatMap((time) => [time + ((time * 37) % 100) / 100, time + 0.512]);
    moments.sort((a, b) => a - b);
    const { aheadUs } = proxyClockOf(
      moments.map((time) => timed(time, 0.000001)),
      moments.map((time) => timed(Math.round((time + 0.001 + 0.3) * 1000) / 1000, 0.001)),
    );
    expect(Math.abs(aheadUs / 1e6 - 0.3)).toBeLessThan(0.005);
  });

  it('finds it where both logs print whole seconds', () => {
    const moments = seconds(300).map((time) => time * 5 + ((time * time * 7) % 11) / 3 + ((time * 37) % 100) / 100);
    const told = moments.map((time) => timed(Math.floor(time)));
    const { aheadUs, doubtUs } = proxyClockOf(
      told,
      moments.map((time) => timed(Math.floor(time + 0.4))),
    );
    expect(Math.abs(aheadUs / 1e6 - 0.4)).toBeLessThanOrEqual(doubtUs / 1e6);
    expect(doubtUs / 1e6).toBeLessThan(0.25);
  });

  it.each([
    ['too few answers for most failures', seconds(10).map((time) => timed(time + 120, 0.001))],
    ['none', []],
    ['answers at random', seconds(40).map((time) => timed(time * 31 + ((time * 7919) % 97), 0.001))],
  ])('says nothing where nothing is known: %s', (_, answers) => {
    expect(proxyClockOf(failures, answers).aheadUs).toBe(0);
  });
});

describe('a build that logs none of its errors', () => {
  const { denokv, postgres } = logs();
  const errors = [1, 3, 5].map((time) => entry(postgres, time, BOOM, { statement: WRITE }));
  const startup = note(denokv, 0, { topic: 'listening' });

  it.each([
    ['three errors of its sessions', errors, {}, 3],
    ['two, as a client that gave up leaves', errors.slice(1), {}, 0],
    ['three, of a build known to log', errors, { logsErrors: true }, 0],
    [
      'three of background tasks',
      errors.map((one) => ({ ...one, statement: 'DELETE FROM kv_store WHERE expires_at IS NOT NULL' })),
      {},
      0,
    ],
    [
      'three ends of idle sessions',
      errors.map((one) => ({ ...one, severity: 'FATAL' as const, statement: null })),
      {},
      0,
    ],
  ])('has its failures inferred: %s', (_, entries, options, count) => {
    const { verdicts } = correlate(windowOf([startup, ...entries]), { identity: { user: 'denokv' }, ...options });
    expect(verdicts.filter(({ inferred }) => inferred === true)).toHaveLength(count);
    expect(verdicts).toHaveLength(count);
  });
});
