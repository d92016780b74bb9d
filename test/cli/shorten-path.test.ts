import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortenPath, shortenPlace } from '../../src/cli/shorten-path.ts';
import { textWidth } from '../../src/cli/text-width.ts';

const LOG = '/var/log/postgresql/15/main/postgresql-2026-11-23_054317.log';

test.each([
  [LOG, 80, LOG],
  [LOG, 50, '/var/log/postgre…/postgresql-2026-11-23_054317.log'],
  [LOG, 40, '/var/l…/postgresql-2026-11-23_054317.log'],
  [LOG, 32, 'postgresql-2026-11-23_054317.log'],
  [LOG, 20, 'postgr…23_054317.log'],
  ['denokv.log', 4, 'd…og'],
])('%s in %i columns', (path, columns, expected) => {
  expect(shortenPath(path, columns)).toBe(expected);
});

test('the line of a place stays', () => {
  expect(shortenPlace(LOG, 18, 43)).toBe('/var/l…/postgresql-2026-11-23_054317.log:18');
});

test('fits whatever the name is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 3, max: 60 }), (path, columns) => {
      expect(textWidth(shortenPath(path, columns))).toBeLessThanOrEqual(columns);
    }),
  );
});
