import { describe, expect, it } from 'vitest';
import { createZoneResolver, parseNumericOffset } from '../../src/time/zone.ts';

const MINUTE_US = 60_000_000;
const local = (iso: string): number => Date.parse(`${iso}Z`) * 1000;

/** UTC of local times, read one after another by one resolver. */
function utc(zone: string | null, times: readonly (readonly [iso: string, label?: string])[]): string[] {
  const resolver = createZoneResolver(zone);
  return times.map(([iso, label = '']) => {
    const { offsetUs } = resolver.resolve(local(iso), label);
    return new Date((local(iso) - offsetUs) / 1000).toISOString().slice(0, 19);
  });
}

describe('numeric offsets', () => {
  it.each([
    ['+00', 0],
    ['-00', 0],
    ['+05', 300],
    ['-03', -180],
    ['<-03>', -180],
    ['+0545', 345],
    ['-0330', -210],
    ['+05:45', 345],
    ['+1400', 840],
  ])('%s is %d minutes', (label, minutes) => {
    expect(parseNumericOffset(label)).toBe(minutes);
  });

  it.each(['', 'UTC', '5', '+5', '+05:4', '+0575', '+99', '+05:45:00', '<+05'])('%s is none', (label) => {
    expect(parseNumericOffset(label)).toBeNull();
  });
});

describe('a zone as printed', () => {
  const resolver = createZoneResolver(null);
  it.each([
    ['UTC', 0, 'read'],
    ['Z', 0, 'read'],
    ['-03', -180, 'read'],
    ['+0545', 345, 'read'],
    ['CEST', 120, 'inferred'],
    ['EDT', -240, 'inferred'],
    // POSIX zones print their name whatever their offset is.
    ['GMT', 0, 'inferred'],
    // These name several zones: no guess is better than a wrong hour.
    ['IST', 0, 'inferred'],
    ['CST', 0, 'inferred'],
    ['BST', 0, 'inferred'],
    ['', 0, 'inferred'],
    ['nonsense', 0, 'inferred'],
  ])('%s', (label, minutes, origin) => {
    expect(resolver.resolve(local('2026-07-01T12:00:00'), label)).toEqual({ offsetUs: minutes * MINUTE_US, origin });
  });

  it('knows what MSK meant when', () => {
    expect(
      utc(null, [
        ['2010-12-01T12:00:00', 'MSK'],
        ['2012-07-01T12:00:00', 'MSK'],
        ['2014-10-25T12:00:00', 'MSK'],
        ['2014-10-27T12:00:00', 'MSK'],
        ['2026-07-01T12:00:00', 'MSK'],
      ]),
    ).toEqual([
      '2010-12-01T09:00:00',
      '2012-07-01T08:00:00',
      '2014-10-25T08:00:00',
      '2014-10-27T09:00:00',
      '2026-07-01T09:00:00',
    ]);
  });
});

describe('a configured zone', () => {
  it('goes above what is printed', () => {
    expect(createZoneResolver('Europe/Berlin').resolve(local('2026-07-01T12:00:00'), 'GMT')).toEqual({
      offsetUs: 120 * MINUTE_US,
      origin: 'configured',
    });
    expect(createZoneResolver('-03:30').resolve(local('2026-07-01T12:00:00'), 'UTC')).toEqual({
      offsetUs: -210 * MINUTE_US,
      origin: 'configured',
    });
  });

  it('refuses a zone that nobody knows', () => {
    expect(() => createZoneResolver('Mars/Olympus')).toThrow(
      expect.objectContaining({ code: 'time.unknown_zone', exitCode: 2 }),
    );
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59'],
    ['Europe/Berlin', '2026-03-29T03:00:00', '2026-03-29T01:00:00'],
    ['Europe/Berlin', '2026-10-25T01:59:59', '2026-10-24T23:59:59'],
    ['Europe/Berlin', '2026-10-25T03:00:00', '2026-10-25T02:00:00'],
    ['America/New_York', '2026-03-08T01:59:59', '2026-03-08T06:59:59'],
    ['America/New_York', '2026-03-08T03:00:00', '2026-03-08T07:00:00'],
    ['America/New_York', '2026-11-01T00:59:59', '2026-11-01T04:59:59'],
    ['America/New_York', '2026-11-01T02:00:00', '2026-11-01T07:00:00'],
    ['Asia/Kathmandu', '2026-07-01T12:00:00', '2026-07-01T06:15:00'],
    ['Australia/Lord_Howe', '2026-04-05T01:15:00', '2026-04-04T14:15:00'],
  ])('%s: %s is %s UTC', (zone, time, expected) => {
    expect(utc(zone, [[time]])).toEqual([expected]);
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00'],
    ['America/New_York', '2026-03-08T02:30:00', '2026-03-08T07:30:00'],
  ])('%s: a time that the clock skipped (%s) goes on with the offset before', (zone, time, expected) => {
    expect(utc(zone, [[time]])).toEqual([expected]);
  });

  it.each([
    ['Europe/Berlin', '2026-10-25T02:30:00', 'CEST', '2026-10-25T00:30:00'],
    ['Europe/Berlin', '2026-10-25T02:30:00', 'CET', '2026-10-25T01:30:00'],
    ['America/New_York', '2026-11-01T01:30:00', 'EDT', '2026-11-01T05:30:00'],
    ['America/New_York', '2026-11-01T01:30:00', 'EST', '2026-11-01T06:30:00'],
    ['America/New_York', '2026-11-01T01:30:00', '-05', '2026-11-01T06:30:00'],
  ])('%s: in the repeated hour %s %s is %s UTC', (zone, time, label, expected) => {
    expect(utc(zone, [[time, label]])).toEqual([expected]);
  });

  it('tells the passes of the repeated hour apart by labels that the log itself explained', () => {
    expect(
      utc('Europe/London', [
        ['2026-10-24T12:00:00', 'BST'],
        ['2026-10-25T01:30:00', 'BST'],
        ['2026-10-25T01:10:00', 'GMT'],
        ['2026-10-25T01:30:00', 'GMT'],
      ]),
    ).toEqual(['2026-10-24T11:00:00', '2026-10-25T00:30:00', '2026-10-25T01:10:00', '2026-10-25T01:30:00']);
  });

  it('tells them apart by the order of the lines where there is no label', () => {
    expect(
      utc('Europe/Berlin', [
        ['2026-10-25T02:00:00'],
        ['2026-10-25T02:59:59'],
        ['2026-10-25T02:59:58'],
        ['2026-10-25T02:00:01'],
        ['2026-10-25T02:30:00'],
        ['2026-10-25T03:00:00'],
      ]),
    ).toEqual([
      '2026-10-25T00:00:00',
      '2026-10-25T00:59:59',
      '2026-10-25T00:59:58',
      '2026-10-25T01:00:01',
      '2026-10-25T01:30:00',
      '2026-10-25T02:00:00',
    ]);
  });
});
