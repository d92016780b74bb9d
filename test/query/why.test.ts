import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/domain.ts';
import { WhydError } from '../../src/errors.ts';
import { answerWhy } from '../../src/query/why.ts';
import { makeDropped, makeVerdict, memoryReader } from './memory-reader.ts';

const clock = { nowMs: Date.parse('2026-11-23T12:00:00Z'), zone: 'UTC' };

const deadlock = makeVerdict({ id: 'f_0001aaaa', at: '2026-11-23T10:22:05.000Z' });
const deadlockLater = makeVerdict({ id: 'f_0001bbbb', at: '2026-11-23T10:30:00.000Z' });
const missing = makeVerdict({
  id: 'f_0002cccc',
  issue: 'i_2',
  requestId: '4bf92f3577b34da6a3ce929d0e0e4736',
  at: '2026-11-23T11:00:00.250Z',
  atPrecision: 'millisecond',
  operation: 'snapshot_read',
  symptom: { ...deadlock.symptom, text: 'relation "kv_store" does not exist' },
  cause: { ...deadlock.cause, id: 'missing_relation', sqlstate: '42P01' },
  postgres: null,
});
const all = [deadlock, deadlockLater, missing];

function ask(query: string, verdicts: readonly Verdict[] = all): string {
  const { result, total, matches } = answerWhy(memoryReader(verdicts), query, clock);
  const shown = matches.map(({ how, verdict, distanceMs, same }) => {
    const more = same === 0 ? '' : `+${String(same)}`;
    return `${how}:${verdict.id.slice(-4)}:${String(distanceMs)}${more}`;
  });
  return `${result} ${String(total)} ${shown.join(' ')}`.trim();
}

describe('answerWhy', () => {
  test.each([
    ['last', 'match 1 last:cccc:null'],
    ['  LAST ', 'match 1 last:cccc:null'],
    ['f_0001aaaa', 'match 1 id:aaaa:null'],
    ['f_0002', 'match 1 id:cccc:null'],
    ['f_0001', 'ambiguous 2 id:bbbb:null id:aaaa:null'],
    ['f_9999', 'no_match 0'],
    ['42P01', 'match 1 sqlstate:cccc:null'],
    ['40p01', 'match 2 sqlstate:bbbb:null+1'],
    ['atomic_write', 'match 2 operation:bbbb:null+1'],
    ['i_1', 'match 2 issue:bbbb:null+1'],
    ['4bf92f3577b34da6a3ce929d0e0e4736', 'match 1 request:cccc:null'],
    ['00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01', 'match 1 request:cccc:null'],
    ['missing_relation', 'match 1 cause:cccc:null'],
    ['snapshot_read', 'match 1 operation:cccc:null'],
    ['KV_STORE', 'match 1 text:cccc:null'],
    ['waits for sharelock', 'match 2 text:bbbb:null+1'],
    ['nothing says this', 'no_match 0'],
  ])('%s', (query, expected) => {
    expect(ask(query)).toBe(expected);
  });

  test.each([
    ['a request that got no answer', 'c0ffee00c0ffee00', 'dropped 0 d_00000001 d_00000002'],
    ['its own id', 'd_00000002', 'dropped 0 d_00000002'],
    ['a request of which one attempt failed and one got no answer', missing.requestId, 'match 1 d_00000003'],
    ['another', 'c0ffee00c0ffee01', 'no_match 0'],
  ])('by id, %s', (_, query, expected) => {
    const dropped = [
      makeDropped({ id: 'd_00000001' }),
      makeDropped({ id: 'd_00000002' }),
      makeDropped({ id: 'd_00000003', requestId: missing.requestId }),
    ];
    const answer = answerWhy(memoryReader(all, [], [], dropped), query ?? '', clock);
    const ids = answer.dropped.map(({ id }) => id);
    expect([answer.result, answer.total, ...ids].join(' ')).toBe(expected);
  });

  test.each([
    ['10:22:05', 'match 1 time:aaaa:0'],
    ['10:22:05.400', 'match 1 time:aaaa:0'],
    ['2026-11-23T11:22:05+01:00', 'match 1 time:aaaa:0'],
    ['11:00:00.250', 'match 1 time:cccc:0'],
    ['11:00:00.300', 'match 1 time:cccc:49'],
    ['10:22:35', 'match 1 time:aaaa:29000'],
    ['10:23:30', 'no_match 0'],
    ['2026-11-23', 'ambiguous 3 time:cccc:0 time:bbbb:0+1'],
    ['90m', 'match 1 time:bbbb:0'],
  ])('time %s', (query, expected) => {
    expect(ask(query)).toBe(expected);
  });

  test('several issues near a time are ambiguous, nearest first; of one issue the nearest is the answer', () => {
    const near = makeVerdict({ id: 'f_near', at: '2026-11-23T10:22:20.000Z' });
    expect(ask('10:22:18', [...all, near])).toBe('match 2 time:near:1000+1');
    const other = { ...near, issue: 'i_3' };
    expect(ask('10:22:18', [...all, other])).toBe('ambiguous 2 time:near:1000 time:aaaa:12000');
  });

  test('a word that looks like a cause or an SQLSTATE falls back to the text', () => {
    const hints = makeVerdict({ id: 'f_text', symptom: { ...deadlock.symptom, text: 'HINT about 42501 and indexes' } });
    expect(ask('42501', [hints])).toBe('match 1 text:text:null');
    expect(ask('indexes', [hints])).toBe('match 1 text:text:null');
  });

  test('shows ten and counts all', () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      makeVerdict({ id: `f_many${String(index)}`, issue: `i_${String(index)}` }),
    );
    const answer = answerWhy(memoryReader(many), 'deadlock', clock);
    expect([answer.result, answer.total, answer.matches.length]).toEqual(['ambiguous', 25, 10]);
  });

  test('an empty index has no last failure, and says what it read', () => {
    const answer = answerWhy(memoryReader([]), 'last', clock);
    expect(answer.result).toBe('no_match');
    expect(answer.sources).toHaveLength(1);
  });

  test('an empty question is a usage error', () => {
    expect(() => answerWhy(memoryReader([]), ' ', clock)).toThrow(WhydError);
  });
});
