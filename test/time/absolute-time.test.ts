import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toAbsoluteTime } from '../../src/time/absolute-time.ts';
import { parseMoment } from '../../src/time/parse-time.ts';

const nowMs = Date.parse('2026-11-23T12:00:00.700Z');
const rome = { nowMs, zone: 'Europe/Rome' };

describe('toAbsoluteTime', () => {
  test.each([
    ['10:22', '2026-11-23T09:22Z'],
    ['10:22:05', '2026-11-23T09:22:05Z'],
    ['10:22:05.25', '2026-11-23T09:22:05.25Z'],
    ['2026-11-23 10:22:05', '2026-11-23T09:22:05Z'],
    ['2026-07-01T10:22', '2026-07-01T08:22Z'],
    ['2026-11-23', '2026-11-23+01:00'],
    ['15m', '2026-11-23T11:45:00Z'],
    ['2026-11-23T10:22:05Z', null],
    ['2026-11-23T10:22:05+02:00', null],
    ['last', null],
    ['f_01hx', null],
    ['40P01', null],
  ])('%s', (text, absolute) => {
    expect(toAbsoluteTime(text, rome)).toBe(absolute);
  });

  test('means the same stretch of time in any zone', () => {
    const zone = fc.constantFrom('UTC', 'Europe/Rome', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Chatham');
    const two = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const fraction = fc.constantFrom('', '.5', '.123', '.123456');
    const clockTime = fc.tuple(two(23), two(59), two(59), fraction).map(([h, m, s, f]) => `${h}:${m}:${s}${f}`);
    fc.assert(
      fc.property(zone, zone, clockTime, (here, there, text) => {
        const clock = { nowMs, zone: here };
        const sent = toAbsoluteTime(text, clock) ?? '';
        expect(parseMoment(sent, { nowMs: 0, zone: there })).toEqual(parseMoment(text, clock));
      }),
    );
  });
});
