import { TZDate } from '@date-fns/tz';
import { parseNumericOffset } from './zone.ts';

/** What a time without a zone, or without a date, is read against. */
export interface Clock {
  readonly nowMs: number;
  /** IANA name (`Europe/Rome`) or an offset (`+02:00`). */
  readonly zone: string;
}

/**
 * A stretch of time as a person wrote it: `14:03` means that whole minute, `14:03:12` that second, `2026-11-23` that day.
 * Microseconds since the epoch; `endUs` is exclusive.
 */
export interface Moment {
  readonly startUs: number;
  readonly endUs: number;
}

const SPAN_UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const SPAN = /^(?:\d{1,9}(?:ms|sec|s|min|m|h|d|w))+$/;
const SPAN_PART = /(\d+)([a-z]+)/g;
const CLOCK_TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/;
const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)? ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;

/** Milliseconds of `15m`, `250ms`, `1h30m`, `7d`; null when the text is no span. */
export function parseSpanMs(text: string): number | null {
  const trimmed = text.trim();
  if (!SPAN.test(trimmed)) return null;
  let totalMs = 0;
  for (const [, count, unit] of trimmed.matchAll(SPAN_PART)) {
    totalMs += Number(count) * (SPAN_UNIT_MS[unit ?? ''] ?? 0);
  }
  return totalMs;
}

/**
 * Reads a time as operators type or paste it: ISO 8601 (a blank for the `T` is fine, the zone optional), a local clock time
 * (`14:03:12`: today, or yesterday if that is still to come), or a span (`15m`: that second, so long ago). Null when it is none of these.
 */
export function parseMoment(text: string, clock: Clock): Moment | null {
  const trimmed = text.trim();
  return parseIsoTime(trimmed, clock.zone) ?? parseClockTime(trimmed, clock) ?? parseTimeAgo(trimmed, clock);
}

interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fractionUs: number;
}

function parseIsoTime(text: string, zone: string): Moment | null {
  const match = ISO_TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, printedZone] = match;
  const wall: WallTime = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    ...wallClock(hour, minute, second, fraction),
  };
  if (!isValidWallTime(wall)) return null;
  const usedZone = printedZone === undefined ? zone : offsetZone(printedZone);
  const startUs = wallToUs(wall, usedZone);
  // A day is not always 24 h long: its end is the next midnight of the zone.
  const endUs =
    hour === undefined ? wallToUs({ ...wall, day: wall.day + 1 }, usedZone) : startUs + resolutionUs(second, fraction);
  return { startUs, endUs };
}

function parseClockTime(text: string, clock: Clock): Moment | null {
  const match = CLOCK_TIME.exec(text);
  if (match === null) return null;
  const [, hour, minute, second, fraction] = match;
  const today = new TZDate(clock.nowMs, clock.zone);
  const wall: WallTime = {
    year: today.getFullYear(),
    month: today.getMonth() + 1,
    day: today.getDate(),
    ...wallClock(hour, minute, second, fraction),
  };
  if (!isValidWallTime(wall)) return null;
  const todayUs = wallToUs(wall, clock.zone);
  const startUs = todayUs <= clock.nowMs * 1_000 ? todayUs : wallToUs({ ...wall, day: wall.day - 1 }, clock.zone);
  return { startUs, endUs: startUs + resolutionUs(second, fraction) };
}

function parseTimeAgo(text: string, clock: Clock): Moment | null {
  const spanMs = parseSpanMs(text);
  if (spanMs === null) return null;
  const startUs = Math.floor((clock.nowMs - spanMs) / 1_000) * SECOND_US;
  return { startUs, endUs: startUs + SECOND_US };
}

function wallClock(
  hour: string | undefined,
  minute: string | undefined,
  second: string | undefined,
  fraction: string | undefined,
): Pick<WallTime, 'hour' | 'minute' | 'second' | 'fractionUs'> {
  return {
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    fractionUs: Number((fraction ?? '').slice(0, 6).padEnd(6, '0')),
  };
}

function isValidWallTime(wall: WallTime): boolean {
  const lastDay = new Date(Date.UTC(wall.year, wall.month, 0)).getUTCDate();
  const dateFits = wall.month >= 1 && wall.month <= 12 && wall.day >= 1 && wall.day <= lastDay;
  return dateFits && wall.hour <= 23 && wall.minute <= 59 && wall.second <= 59;
}

function wallToUs({ year, month, day, hour, minute, second, fractionUs }: WallTime, zone: string): number {
  const offsetMinutes = parseNumericOffset(zone);
  const ms =
    offsetMinutes === null
      ? new TZDate(year, month - 1, day, hour, minute, second, zone).getTime()
      : // A written offset has no history that would have to be looked up, which takes .3 ms.
        Date.UTC(year, month - 1, day, hour, minute - offsetMinutes, second);
  return ms * 1_000 + fractionUs;
}

function offsetZone(printed: string): string {
  return /^[zug]/i.test(printed) ? '+00:00' : printed;
}

/** How much time the last written digit stands for. */
function resolutionUs(second: string | undefined, fraction: string | undefined): number {
  if (second === undefined) return MINUTE_US;
  return 10 ** (6 - Math.min(6, fraction?.length ?? 0));
}
