import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutMirrors } from '../../src/correlate/mirrored-entries.ts';
import { inOrder } from '../../src/correlate/timing/order.ts';
import { at, context, entry, Log, note } from './events.ts';

describe('inOrder', () => {
  it('keeps a line without a time behind the one before it, whatever stands in other files and however the lines arrive', () => {
    const a = new Log('a', 0);
    const b = new Log('b', 1);
    const told = [note(a, null), note(a, 5), note(a, null), note(a, 9), note(b, 4), note(b, 7), note(b, null)];
    const places = (events: typeof told): string[] =>
      inOrder(events).map(({ citation: { file, line } }) => `${file}${line}`);
    const expected = ['b1', 'a1', 'a2', 'a3', 'b2', 'b3', 'a4'];
    fc.assert(
      fc.property(fc.shuffledSubarray(told, { minLength: told.length }), (shuffled) => {
        expect(places(shuffled)).toEqual(expected);
      }),
    );
  });
});

describe('withoutMirrors', () => {
  const csv = { format: 'postgres_csv', at: at(1.25, 'millisecond'), sqlstate: '40P01' } as const;

  it('keeps the csv form of an entry that stderr has too, one for one', () => {
    const [stderr, other] = [new Log('postgresql.log', 0), new Log('postgresql.csv', 1)];
    const entries = [
      entry(stderr, 1, 'deadlock detected'),
      entry(stderr, 1, 'deadlock detected'),
      entry(stderr, 1, 'deadlock detected', { pid: 7 }),
      context(stderr, 1, 'received fast shutdown request'),
      entry(other, 1, 'deadlock detected', csv),
      context(other, 1, 'received fast shutdown request', { format: 'postgres_csv', at: csv.at }),
    ];
    const left = withoutMirrors(entries).map(({ citation: { file, line } }) => `${file}:${line}`);
    expect(left).toEqual(['postgresql.log:2', 'postgresql.log:3', 'postgresql.csv:1', 'postgresql.csv:2']);
  });

  it.each([
    ['of another moment', { at: at(1.251, 'millisecond') }, { at: at(1.25, 'millisecond') }],
    ['of another backend', { pid: 7 }, {}],
    ['of other words', { message: 'division by zero' }, {}],
    ['of a rotated file, in whole seconds', { format: 'postgres_stderr', at: at(1) }, {}],
  ] as const)('keeps entries %s', (_, ofCsv, ofStderr) => {
    const entries = [
      entry(new Log('a', 0), 1, 'deadlock detected', ofStderr),
      entry(new Log('b', 1), 1, 'deadlock detected', { ...csv, ...ofCsv }),
    ];
    expect(withoutMirrors(entries)).toEqual(entries);
  });

  it('takes one file as it is', () => {
    const log = new Log('a', 0);
    const entries = [entry(log, 1, 'deadlock detected'), entry(log, 1, 'deadlock detected')];
    expect(withoutMirrors(entries)).toBe(entries);
  });
});
