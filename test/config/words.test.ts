import { expect, test } from 'vitest';
import { nearestWord } from '../../src/config/nearest-word.ts';
import { parseSizeBytes } from '../../src/config/parse-size.ts';

test.each([
  ['2GiB', 2 ** 31],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['500MB', 5e8],
  ['10kB', 10_000],
  ['1024', 1024],
  ['2G', null],
  ['GiB', null],
  ['-1MB', null],
  ['9999999TiB', null],
])('parseSizeBytes(%j)', (text, expected) => {
  expect(parseSizeBytes(text)).toBe(expected);
});

test.each([
  ['sorces', 'sources'],
  ['ahci', null],
  ['idx', 'index'],
  ['inedx', 'index'],
  ['tok', 'token_file'],
  ['', null],
])('nearestWord(%j)', (typed, expected) => {
  expect(nearestWord(typed, ['sources', 'index', 'token_file', 'identity'])).toBe(expected);
});
