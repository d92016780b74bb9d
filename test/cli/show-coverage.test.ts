import { expect, test } from 'vitest';
import { showCoverage } from '../../src/cli/show-coverage.ts';

const SAYS = 'the Postgres log has a gap from 2026-11-23T10:00:00.000Z to 2026-11-23T10:05:00Z: cut (/pg.log)';

test("times are those of the reader's zone", () => {
  expect(showCoverage([SAYS], { zone: 'Europe/Rome', limit: 5 })).toEqual([
    '  not covered: the Postgres log has a gap from 2026-11-23 11:00:00 to 2026-11-23 11:05:00: cut (/pg.log)',
  ]);
});

test('what does not fit is counted', () => {
  expect(showCoverage(['a', 'b', 'c'], { zone: 'UTC', limit: 2 })).toEqual([
    '  not covered: a',
    '  not covered: b',
    '  ... and 1 more (--json names them)',
  ]);
});

test('a hostile path stays text', () => {
  expect(showCoverage(['/log\u001b[2J\n has a gap'], { zone: 'UTC', limit: 2 }).join('')).not.toMatch(/[\n\u001b]/u);
});
