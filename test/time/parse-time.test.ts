import { describe, expect, test } from 'vitest';
import { isKnownZone } from '../../src/time/known-zone.ts';
import { parseMoment, parseSpanMs } from '../../src/time/parse-time.ts';

const clock = { nowMs: Date.parse('2026-11-23T12:00:00.700Z'), zone: 'Europe/Rome' };

function read(text: string, zone = clock.zone): string | null {
  const moment = parseMoment(text, { ...clock, zone });
  if (moment === null) return null;
  return `${new Date(moment.startUs / 1_000).toISOString()} +${String((moment.endUs - moment.startUs) / 1_000)}ms`;
}

describe('parseMoment', () => {
  test.each([
    ['2026-11-23T10:22:05Z', '2026-11-23T10:22:05.000Z +1000ms'],
    ['2026-11-23 10:22:05 UTC', '2026-11-23T10:22:05.000Z +1000ms'],
    ['2026-11-23T10:22:05.5+02:00', '2026-11-23T08:22:05.500Z +100ms'],
    ['2026-11-23T10:22:05,123-0330', '2026-11-23T13:52:05.123Z +1ms'],
    ['2026-11-23T10:22', '2026-11-23T09:22:00.000Z +60000ms'],
    ['2026-11-23', '2026-11-22T23:00:00.000Z +86400000ms'],
    ['14:03:12', '2026-11-22T13:03:12.000Z +1000ms'],
    ['12:03:12', '2026-11-23T11:03:12.000Z +1000ms'],
    ['9:05', '2026-11-23T08:05:00.000Z +60000ms'],
    ['15m', '2026-11-23T11:45:00.000Z +1000ms'],
    ['1h30m', '2026-11-23T10:30:00.000Z +1000ms'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each(['', 'last', '2026-13-01', '2026-02-30', '25:00:00', '10:61', '40P01', '15', '15x', 'm15', '10:22:05 CET'])(
    'refuses %j',
    (text) => {
      expect(read(text)).toBeNull();
    },
  );

  test('keeps microseconds', () => {
    const moment = parseMoment('2026-11-23T10:22:05.123456Z', clock);
    expect(moment).toEqual({ startUs: 1795429325123456, endUs: 1795429325123457 });
  });

  test('a day with a clock change has its own length', () => {
    expect(read('2026-10-25')).toBe('2026-10-24T22:00:00.000Z +90000000ms');
  });

  test('yesterday is counted in the zone, not in UTC', () => {
    const midnight = { nowMs: Date.parse('2026-11-22T23:30:00Z'), zone: 'Europe/Rome' };
    expect(parseMoment('00:10', midnight)?.startUs).toBe(Date.parse('2026-11-22T23:10:00Z') * 1_000);
    expect(parseMoment('23:50', midnight)?.startUs).toBe(Date.parse('2026-11-22T22:50:00Z') * 1_000);
  });

  test('takes an offset for the zone', () => {
    expect(read('2026-11-23T10:00:00', '-05:00')).toBe('2026-11-23T15:00:00.000Z +1000ms');
  });
});

test.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['15min', 900_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['15 m', null],
  ['-5m', null],
  ['', null],
])('parseSpanMs(%j)', (text, expected) => {
  expect(parseSpanMs(text)).toBe(expected);
});

test('isKnownZone', () => {
  expect(['Europe/Rome', 'UTC', '+02:00', '-0330'].map(isKnownZone)).toEqual([true, true, true, true]);
  expect(['Europe/Roma', '', '+2'].map(isKnownZone)).toEqual([false, false, false]);
});
