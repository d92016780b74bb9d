import { expect, test } from 'vitest';
import type { LogGap } from '../../src/domain.ts';
import { coverageOf } from '../../src/query/coverage.ts';
import { answerWhy } from '../../src/query/why.ts';
import { makeSource, makeVerdict, memoryReader } from './memory-reader.ts';

const clock = { nowMs: Date.parse('2026-11-23T12:00:00Z'), zone: 'UTC' };
const POSTGRES = makeSource({ kind: 'postgres', path: '/pg.log' });
const SOURCES = [makeSource(), POSTGRES];

function gap(from: string | null, to: string | null, reason = 'truncated'): LogGap {
  const at = (time: string | null) => time && `2026-11-23T${time}.000Z`;
  return { kind: 'postgres', path: '/pg.log', from: at(from), to: at(to), reason, bytesLost: null };
}

test('a gap is told with both its ends', () => {
  expect(coverageOf(SOURCES, [gap('10:00:00', '10:05:00')])).toEqual([
    'the Postgres log has a gap from 2026-11-23T10:00:00.000Z to 2026-11-23T10:05:00.000Z: it was truncated before it was read to its end (/pg.log)',
  ]);
});

test('a gap without a beginning or an end says so, and an unknown reason is told as it is', () => {
  expect(coverageOf(SOURCES, [gap(null, '10:05:00'), gap('10:00:00', null, 'eaten')])).toEqual([
    'the Postgres log has a gap from its beginning to 2026-11-23T10:05:00.000Z: it was truncated before it was read to its end (/pg.log)',
    'the Postgres log has a gap from 2026-11-23T10:00:00.000Z on, and nothing has been read since: eaten (/pg.log)',
  ]);
});

test('gaps that were counted and are not told are counted still', () => {
  const sources = [makeSource({ gaps: 1 }), { ...POSTGRES, gaps: 3 }];
  expect(coverageOf(sources, [gap('10:00:00', '10:05:00')]).slice(1)).toEqual([
    '/var/log/denokv.log has a gap: lines were lost before they could be read',
    '/pg.log has 2 other gaps: lines were lost before they could be read',
  ]);
});

test('an answer of no match and an ambiguous one hold the gaps, those at the asked time first', () => {
  const gaps = [gap('11:30:00', '11:31:00'), gap('10:00:00', '10:05:00'), gap('09:00:00', '09:05:00')];
  const reader = memoryReader(
    [makeVerdict({ id: 'f_1', issue: 'i_1' }), makeVerdict({ id: 'f_2', issue: 'i_2' })],
    SOURCES,
    gaps,
  );
  const [newest, middle, oldest] = gaps;
  expect(answerWhy(reader, 'nowhere', clock)).toMatchObject({ result: 'no_match', gaps });
  expect(answerWhy(reader, '2026-11-23 10:02:00', clock)).toMatchObject({
    result: 'no_match',
    gaps: [middle, newest, oldest],
  });
  // Within a minute of it.
  expect(answerWhy(reader, '2026-11-23 10:05:59', clock).gaps[0]).toEqual(middle);
  const ambiguous = answerWhy(reader, '40P01', clock);
  expect(ambiguous).toMatchObject({ result: 'ambiguous', gaps });
  expect(ambiguous.coverage[0]).toContain('from 2026-11-23T11:30:00.000Z to 2026-11-23T11:31:00.000Z');
});

test('no more gaps are told than a reader will read', () => {
  const gaps = Array.from({ length: 30 }, () => gap('10:00:00', '10:05:00'));
  expect(answerWhy(memoryReader([], SOURCES, gaps), 'nowhere', clock).gaps).toHaveLength(10);
});
