import { describe, expect, it } from 'vitest';
import { candidatesOf } from '../../src/correlate/matching/candidates.ts';
import { certaintyOf, roundProbability } from '../../src/correlate/diagnosis/certainty.ts';
import { claimsOf } from '../../src/correlate/matching/claims.ts';
import { estimateClockOffset } from '../../src/correlate/clock/clock-offset.ts';
import { textClasses } from '../../src/correlate/matching/text-class.ts';
import { coverageAt, firstEntryUs } from '../../src/correlate/coverage.ts';
import { swapProbabilities } from '../../src/correlate/matching/crowding.ts';
import { failureId, incidentId, issueId } from '../../src/correlate/identifiers.ts';
import { learnIdentity } from '../../src/correlate/identity/identity.ts';
import { lacksOf } from '../../src/correlate/diagnosis/missing-evidence.ts';
import { countWhile } from '../../src/correlate/timing/partition.ts';
import { ordered } from '../../src/correlate/window.ts';
import type { LogEvent, PostgresErrorEvent } from '../../src/domain.ts';
import { at, entry, failure, Log, note, START_US } from './events.ts';
import { windowOf } from './window-of.ts';

function partsOf(events: readonly LogEvent[]) {
  const window = ordered(windowOf(events));
  return {
    claims: claimsOf(window),
    candidates: candidatesOf(window, learnIdentity(window, [], { user: 'denokv' }), 0),
  };
}

describe('estimateClockOffset', () => {
  const offsetOf = (skews: readonly number[]): number | null => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const events = skews.flatMap((skew, n) => [
      failure(denokv, n * 60 + skew, `boom ${n}`),
      entry(postgres, n * 60, `boom ${n}`),
    ]);
    const { claims, candidates } = partsOf(events);
    const offsetUs = estimateClockOffset(textClasses(claims, candidates));
    return offsetUs === null ? null : offsetUs / 1e6;
  };

  it.each([
    ['clocks that agree', [0, 0, 1, 0], 0],
    ['minutes of skew', [137, 137, 137, 137], 137],
    ['a quarter of a second beyond, from how often the cut seconds differ', [137, 137, 138, 137], 137.25],
    ['a zone read wrongly, and a second of delay: exactly the zone', [3601, 3600, 3601, 3601], 3600],
    ['a stray that does not agree', [137, 137, 137, 900], 137],
    ['anchors that contradict each other', [10, 50, 90, 130], null],
    ['too few anchors', [137, 137], null],
  ])('reads %s', (_, skews, expected) => {
    expect(offsetOf(skews)).toBe(expected);
  });
});

describe('coverageAt', () => {
  const moment = { fromUs: 100, toUs: 200 };
  const whole = { gaps: [], completeUntilUs: null };
  it.each([
    ['read whole', whole, null, moment, 'complete'],
    ['not given', null, null, moment, 'absent'],
    ['with a hole there', { ...whole, gaps: [{ fromUs: 150, toUs: 160 }] }, null, moment, 'gap'],
    ['with a hole elsewhere', { ...whole, gaps: [{ fromUs: 200, toUs: 300 }] }, null, moment, 'complete'],
    ['that begins later', whole, 5_000_000, moment, 'gap'],
    ['that begins a moment later', whole, 1_000_000, moment, 'complete'],
    ['not read that far', { ...whole, completeUntilUs: 150 }, null, moment, 'behind'],
    ['asked about no moment', { ...whole, completeUntilUs: 150 }, null, null, 'complete'],
  ])('of a log %s', (_, source, firstUs, interval, expected) => {
    expect(coverageAt(source, firstUs, interval)).toBe(expected);
  });

  it('takes the oldest time there is for the beginning', () => {
    const log = new Log('p', 1);
    const window = windowOf([entry(log, null, 'a'), entry(log, 9, 'b'), entry(log, 4, 'c')]);
    expect(firstEntryUs(window, 7)).toBe(START_US + 4e6 + 7);
    expect(firstEntryUs(windowOf([]), 0)).toBeNull();
  });
});

describe('swapProbabilities', () => {
  const TIMEOUT = 'canceling statement due to statement timeout';
  interface Case {
    readonly message?: string;
    readonly times?: readonly number[];
    readonly fine?: boolean;
    readonly between?: 'both' | 'lines' | 'entries' | 'many entries' | 'unkept bytes' | 'nothing';
    /** Of each entry; one session each without it. */
    readonly pids?: readonly number[];
  }
  const others = (between: Case['between']): { readonly lines: number; readonly entries: number } => ({
    lines: between === 'both' || between === 'lines' ? 5 : 0,
    entries: between === 'many entries' ? 4 : between === 'both' || between === 'entries' ? 1 : 0,
  });
  const swaps = ({ message = 'boom', times = [1, 1], fine = false, between = 'nothing', pids }: Case): number[] => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const { lines, entries } = others(between);
    const events = times.flatMap((time, n): LogEvent[] => {
      const stamp = fine ? { at: at(time, 'millisecond') } : {};
      const own = entry(postgres, time, message, { pid: pids?.[n] ?? 100 + n, ...stamp });
      const { byteStart, byteEnd } = own.citation;
      // As if statements that nobody keeps stood in front of it.
      const citation = { ...own.citation, byteStart: byteStart + 50 * n, byteEnd: byteEnd + 50 * n };
      return [
        failure(denokv, time, message),
        between === 'unkept bytes' ? { ...own, citation } : own,
        ...Array.from({ length: lines }, () => note(denokv, time)),
        ...Array.from({ length: entries }, () => entry(postgres, time, 'other', { user: 'webapp' })),
      ];
    });
    const { claims, candidates } = partsOf(events);
    return swapProbabilities(
      claims.flatMap((claim, n) => {
        const candidate = candidates[n];
        return candidate === undefined ? [] : [{ claim, candidate }];
      }),
    );
  };
  const filled = (length: number, value: number): number[] => new Array<number>(length).fill(value);

  it.each<[string, Case, readonly number[]]>([
    ['of one millisecond', { times: [1.001, 1.001], fine: true }, [0.33]],
    ['a millisecond apart', { times: [1.001, 1.002], fine: true }, [0.08]],
    ['half a second apart', { times: [1, 1.5], fine: true }, [0.001]],
    ['of other seconds', { times: [1, 2] }, [0.001]],
    ['of one session', { pids: [7, 7] }, [0.001]],
    ['of one second, next to each other', {}, [0.013]],
    ['with others between them in both logs', { between: 'both' }, [0.001]],
    ['with an entry between them', { between: 'entries' }, [0.002]],
    ['with many entries between them', { between: 'many entries' }, [0.001]],
    ['with statements between them that were passed over', { between: 'unkept bytes' }, [0.002]],
    ["with lines of denokv's between them only", { between: 'lines' }, [0.013]],
    ['ended at one stroke', { message: 'terminating connection due to administrator command' }, [0.2]],
    ['two timeouts', { message: TIMEOUT }, [0.013]],
    ['timeouts of ten sessions', { message: TIMEOUT, times: filled(10, 1) }, filled(9, 0.013)],
    ['timeouts of a crowd', { message: TIMEOUT, times: filled(11, 1) }, filled(10, 0.33)],
    ['a crowd in pairs', { message: TIMEOUT, times: filled(11, 1), between: 'entries' }, filled(10, 0.08)],
    ['alone', { times: [1] }, []],
  ])('of neighbours %s', (_, one, expected) => {
    expect(swaps(one)).toEqual(expected);
  });
});

describe('claimsOf', () => {
  it('puts a line without a stamp between its neighbours', () => {
    const log = new Log('denokv.log', 0);
    const { claims } = partsOf([
      failure(log, null, 'first'),
      failure(log, 10, 'second'),
      failure(log, null, 'third'),
      failure(log, 25, 'fourth'),
      failure(log, null, 'fifth'),
    ]);
    const seconds = claims.map(({ interval }) =>
      interval === null ? null : [interval.fromUs, interval.toUs].map((us) => (us - START_US) / 1e6),
    );
    expect(seconds).toEqual([null, [10, 11], [10, 26], [25, 26], [25, 26]]);
  });
});

describe('identifiers', () => {
  const log = new Log('a.log', 0);
  const event = failure(log, 5, 'boom');
  const moved = { ...event, citation: { ...event.citation, file: 'a.log.1', fileId: 7, byteStart: 0, line: 1 } };

  it('stay the same when the file is rotated or renamed, and differ by ordinal, text and time', () => {
    const id = failureId(event, 'boom', 0);
    expect(id).toMatch(/^f_[0-9a-hjkmnp-tv-z]{22}$/);
    expect(failureId(moved, 'boom', 0)).toBe(id);
    const others = [
      failureId(event, 'boom', 1),
      failureId(event, 'bang', 0),
      failureId(failure(log, 6, 'boom'), 'boom', 0),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it('sort by time', () => {
    const ids = [9, 1, 5].map((seconds) => failureId(failure(log, seconds, 'boom'), 'boom', 0));
    expect(ids.toSorted()).toEqual([ids[1], ids[2], ids[0]]);
    expect(incidentId('disk_full', START_US) < incidentId('disk_full', START_US + 60e6)).toBe(true);
  });

  it.each([
    ['numbers', 'Process 1 waits', 'Process 22 waits', true],
    ['quoted values', "for type json: 'a'", "for type json: 'b'", true],
    ['bytes', 'key \\x0a1b', 'key \\x99', true],
    ['what follows the first line', 'boom\nDETAIL: Key (name)=(ann)', 'boom\nDETAIL: Key (name)=(bob)', true],
    ['names', 'relation "a"', 'relation "b"', false],
  ])('of issues pass over %s or not', (_, one, other, isSame) => {
    const idOf = (message: string): string =>
      issueId({ cause: 'c', sqlstate: '42P01', operation: null, object: null, message });
    expect(idOf(one) === idOf(other)).toBe(isSame);
  });
});

describe('lacksOf', () => {
  const missing = (more: Partial<PostgresErrorEvent>, probability = 0.5, fineLine = false): string | undefined => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const { claims, candidates } = partsOf([
      failure(denokv, 1, 'boom', fineLine ? { at: at(1, 'microsecond') } : {}),
      entry(postgres, 1, 'boom', more),
    ]);
    const [claim] = claims;
    const [candidate] = candidates;
    if (claim === undefined || candidate === undefined) throw new Error('fixture');
    const matches = [{ candidate, probability }];
    const matching = { rule: 'same_text', matches, matched: 1, claims: 1, candidates: 1 } as const;
    const diagnosis = { classification: candidate.classification, match: null, wait: null };
    return lacksOf({ claim, matching, diagnosis, coverage: 'complete' })[0]?.says;
  };
  const fine = { at: at(1, 'millisecond') };

  it.each([
    ['whole seconds', {}, /whole seconds.*log_line_prefix/],
    ['no pid', { ...fine, pid: null }, /no %p/],
    ['no identity', fine, /application_name/],
    [
      "whole seconds of denokv's",
      { ...fine, statement: 'START TRANSACTION', application: null, database: 'kv' },
      /application_name|denokv stamps/,
    ],
  ])('names %s', (_, more, expected) => {
    expect(missing(more)).toMatch(expected);
  });

  it('says nothing of a line that is sure, and of one that nothing would make surer', () => {
    expect(missing({}, 0.995)).toBeUndefined();
    const statement = 'UPDATE data_version SET version = version + 1';
    expect(missing({ ...fine, statement }, 0.5, true)).toBeUndefined();
  });
});

describe('certainty and counting', () => {
  it.each([
    ['deadlock', 0.99, 'certain'],
    ['deadlock', 0.8, 'likely'],
    ['deadlock', 0.79, 'possible'],
    ['unknown', 1, 'unknown'],
  ])('%s at %d is %s', (cause, confidence, expected) => {
    expect(certaintyOf(cause, confidence)).toBe(expected);
  });

  it('rounds to four places, within 0 and 1', () => {
    expect([0.123456, -1, 2].map(roundProbability)).toEqual([0.1235, 0, 1]);
  });

  it.each([
    [0, 0],
    [3, 2],
    [9, 4],
  ])('counts what is below %d', (limit, expected) => {
    expect(countWhile([1, 2, 5, 8], (value) => value < limit)).toBe(expected);
  });
});
