import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeOnOneLine, escapeText, toJsonLine } from '../../src/cli/escape.ts';

const HOSTILE = /[\0-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

const anyText = fc.string({ unit: 'binary' });

describe('escapeText', () => {
  test.each([
    ['plain Grüße 日本語 🙂', 'plain Grüße 日本語 🙂'],
    ['\x1b[31mred\x1b[0m', '\\e[31mred\\e[0m'],
    ['\x9b2J', '\\x9b2J'],
    ['a\x07b\x7f\0', 'a\\x07b\\x7f\\x00'],
    ['a\u202eb\u2066', 'a\\u{202e}b\\u{2066}'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['one\r\ntwo\t', 'one\\r\\ntwo\\t'],
    ['\ud800', '\\u{d800}'],
    ['\u{e0041}', '\\u{e0041}'],
  ])('%j', (text, expected) => {
    expect(escapeText(text)).toBe(expected);
  });

  test('lets nothing hostile through, and is stable', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeText(text);
        expect(escaped).not.toMatch(HOSTILE);
        expect(escapeText(escaped)).toBe(escaped);
        expect(escapeOnOneLine(text)).not.toMatch(HOSTILE);
      }),
    );
  });
});

test('escapeOnOneLine folds white space', () => {
  expect(escapeOnOneLine('  a\n\tb  \r\n c\x1b ')).toBe('a b c\\e');
});

test('toJsonLine is one inert line that reads back the same', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const line = toJsonLine({ text });
      expect(line).not.toMatch(HOSTILE);
      expect(JSON.parse(line)).toEqual({ text });
    }),
  );
  expect(toJsonLine('\u202e\u{e0041}\x9b')).toBe('"\\u202e\\udb40\\udc41\\u009b"');
});
