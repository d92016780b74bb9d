import { describe, expect, it } from 'vitest';
import { parseCivilSeconds, parseEpochTime, parsePostgresTime } from '../../src/time/postgres-time.ts';
import { formatUtc, parseRfc3339 } from '../../src/time/rfc3339.ts';
import { parseSyslogTime } from '../../src/time/syslog-time.ts';
import { createZoneResolver } from '../../src/time/zone.ts';

const us = (iso: string, micros = 0): number => Date.parse(iso) * 1000 + micros;
const zones = createZoneResolver(null);

describe('civil time', () => {
  it.each([
    ['1970-01-01 00:00:00', '1970-01-01T00:00:00Z'],
    ['2000-02-29 23:59:59', '2000-02-29T23:59:59Z'],
    ['2024-02-29T12:00:00', '2024-02-29T12:00:00Z'],
    ['2026-11-23 24:00:00', '2026-11-24T00:00:00Z'],
    ['2016-12-31 23:59:60', '2017-01-01T00:00:00Z'],
    ['2100-03-01 00:00:00', '2100-03-01T00:00:00Z'],
  ])('%s', (text, iso) => {
    expect(parseCivilSeconds(text, 0) * 1000).toBe(Date.parse(iso));
  });

  it.each([
    '2026-02-29 00:00:00',
    '2100-02-29 00:00:00',
    '2026-04-31 00:00:00',
    '2026-13-01 00:00:00',
    '2026-00-01 00:00:00',
    '2026-01-00 00:00:00',
    '2026-11-23 24:00:01',
    '2026-11-23 25:00:00',
    '2026-11-23 12:60:00',
    '2026-11-23 12:00:61',
    '2026/11/23 12:00:00',
    '2026-11-23 12.00.00',
    '2026-11-23 12:00',
    'yyyy-mm-dd hh:mm:ss',
    '',
  ])('"%s" is no time', (text) => {
    expect(parseCivilSeconds(text, 0)).toBeNaN();
  });
});

describe('%t and %m', () => {
  it.each([
    ['2026-11-23 05:43:40 UTC', us('2026-11-23T05:43:40Z'), 'second', 'read'],
    ['2026-11-23 05:43:40.123 UTC', us('2026-11-23T05:43:40.123Z'), 'millisecond', 'read'],
    ['2026-11-23 05:43:40,123 UTC', us('2026-11-23T05:43:40.123Z'), 'millisecond', 'read'],
    ['2026-11-23 05:43:40.123456 +05', us('2026-11-23T00:43:40.123Z', 456), 'microsecond', 'read'],
    ['2026-11-23 05:43:40.123 -03', us('2026-11-23T08:43:40.123Z'), 'millisecond', 'read'],
    ['2026-11-23 05:43:40.123 +0545', us('2026-11-22T23:58:40.123Z'), 'millisecond', 'read'],
    ['2026-11-23 05:43:40.123 <-03>', us('2026-11-23T08:43:40.123Z'), 'millisecond', 'read'],
    ['2026-07-23 05:43:40.123 CEST', us('2026-07-23T03:43:40.123Z'), 'millisecond', 'inferred'],
    ['2026-11-23 05:43:40.123 IST', us('2026-11-23T05:43:40.123Z'), 'millisecond', 'inferred'],
    ['2026-11-23 05:43:40.123', us('2026-11-23T05:43:40.123Z'), 'millisecond', 'inferred'],
  ])('%s', (text, at, precision, zone) => {
    expect(parsePostgresTime(text, zones)).toEqual({ us: at, precision, zone });
  });

  it.each(['', '2026-11-23', '2026-11-23 05:43', '2026-02-30 05:43:40 UTC', 'LOG:  2026-11-23 05:43:40'])(
    '"%s" is none',
    (text) => {
      expect(parsePostgresTime(text, zones)).toBeNull();
    },
  );
});

it.each([
  ['1795412602.846', { us: 1_795_412_602_846_000, precision: 'millisecond', zone: 'read' }],
  ['1795412602', null],
  ['179541260.8', null],
  ['x1795412602.846', null],
])('%%n: %s', (text, expected) => {
  expect(parseEpochTime(text)).toEqual(expected);
});

describe('RFC 3339', () => {
  it.each([
    ['2026-11-23T05:43:22Z', us('2026-11-23T05:43:22Z'), 'second'],
    ['2026-11-23t05:43:22z', us('2026-11-23T05:43:22Z'), 'second'],
    ['2026-11-23T05:43:22.1Z', us('2026-11-23T05:43:22.100Z'), 'millisecond'],
    ['2026-11-23T05:43:22.123456Z', us('2026-11-23T05:43:22.123Z', 456), 'microsecond'],
    ['2026-11-23T05:43:22.123456789Z', us('2026-11-23T05:43:22.123Z', 456), 'microsecond'],
    ['2026-11-23T05:43:22+01:00', us('2026-11-23T04:43:22Z'), 'second'],
    ['2026-11-23T05:43:22-0330', us('2026-11-23T09:13:22Z'), 'second'],
    ['2024-02-29T23:59:60Z', us('2024-03-01T00:00:00Z'), 'second'],
  ])('%s', (text, at, precision) => {
    expect(parseRfc3339(text)).toEqual({ us: at, precision, zone: 'read' });
  });

  it.each([
    '2026-11-23T05:43:22',
    '2026-11-23T05:43Z',
    '2026-02-29T00:00:00Z',
    '2026-11-23T05:43:22+99:00',
    ' 2026-11-23T05:43:22Z',
  ])('"%s" is none', (text) => {
    expect(parseRfc3339(text)).toBeNull();
  });

  it('prints what it read', () => {
    for (const text of ['2026-11-23T05:43:22.000Z', '2026-11-23T05:43:22.123456Z', '1969-12-31T23:59:59.999999Z']) {
      expect(formatUtc(parseRfc3339(text)?.us ?? 0)).toBe(text);
    }
  });
});

describe('BSD syslog times, which have no year', () => {
  const reference = Date.parse('2026-01-02T00:00:00Z');
  it.each([
    ['Jan  1 05:43:22', '2026-01-01T05:43:22Z', 'second'],
    ['Dec 31 23:59:59', '2025-12-31T23:59:59Z', 'second'],
    ['Jan  3 00:00:00', '2026-01-03T00:00:00Z', 'second'],
    ['Jan  4 00:00:00', '2025-01-04T00:00:00Z', 'second'],
    ['Feb 29 12:00:00', '2024-02-29T12:00:00Z', 'second'],
    ['Dec 31 23:59:59.123456', '2025-12-31T23:59:59.123456Z', 'microsecond'],
  ])('%s', (text, expected, precision) => {
    const at = parseSyslogTime(text, reference, zones);
    expect(formatUtc(at?.us ?? 0)).toBe(expected.includes('.') ? expected : expected.replace('Z', '.000Z'));
    expect(at).toMatchObject({ precision, zone: 'inferred' });
  });

  it('takes a configured zone', () => {
    const at = parseSyslogTime('Jan  1 05:43:22', reference, createZoneResolver('Europe/Berlin'));
    expect(at).toEqual({ us: us('2026-01-01T04:43:22Z'), precision: 'second', zone: 'configured' });
  });

  it.each(['Foo  1 05:43:22', 'Feb 31 05:43:22', 'Jan 1 05:43:22', 'Jan  1 25:43:22', ''])('"%s" is none', (text) => {
    expect(parseSyslogTime(text, reference, zones)).toBeNull();
  });
});
describe('a time in UTC', () => {
  it('is what Date prints, whichever was printed before it', () => {
    const starts = [
      '-000001-12-31T23:59:58Z',
      '1969-12-31T23:59:58Z',
      '2026-11-23T10:09:08Z',
      '+012026-01-01T00:00:00Z',
    ];
    const times = starts.flatMap((start) =>
      [0, 1, 1, 60, 3599, 2, 86_400].map((step) => us(start) / 1000 + step * 1000),
    );
    for (const ms of [...times, ...times.reverse()]) expect(formatUtc(ms * 1000)).toBe(new Date(ms).toISOString());
  });
});
