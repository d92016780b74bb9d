import { expect, test } from 'vitest';
import { sourceNews } from '../../src/api/source-news.ts';
import { makeSource } from '../query/memory-reader.ts';

const BEFORE = makeSource();

test('what is new, has other health, or fell behind is told; a position that moved is not', () => {
  const told = (overrides: Parameters<typeof makeSource>[0]) => sourceNews([BEFORE], [makeSource(overrides)]).length;
  expect([told({}), told({ offset: 2000, sizeBytes: 2000, newestAt: null }), told({ lagBytes: 500 })]).toEqual([
    0, 0, 0,
  ]);
  expect([told({ state: 'failing', reason: 'gone' }), told({ gaps: 1 }), told({ detection: null })]).toEqual([1, 1, 1]);
  expect([told({ lagBytes: 2 ** 20 }), told({ path: '/other' }), sourceNews([], [BEFORE]).length]).toEqual([1, 1, 1]);
});
