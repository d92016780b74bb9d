import type { Instant, TimePrecision } from '../domain.ts';
import type { ZoneResolver } from './zone.ts';

const ZERO = 48;
const COMMA = 44;
const HYPHEN = 45;
const DOT = 46;
const COLON = 58;

/**
 * Reads a Postgres log time (`2026-11-23 05:43:40.123 UTC`, as %t, %m, csvlog and jsonlog print it) without building a Date:
 * this runs once an entry. Null when the text is not such a time.
 */
export function parsePostgresTime(text: string, zones: ZoneResolver): Instant | null {
  if (text.length < 19) return null;
  const localSeconds = parseCivilSeconds(text, 0);
  if (Number.isNaN(localSeconds)) return null;
  let position = 19;
  let fractionUs = 0;
  let digits = 0;
  if (text.charCodeAt(19) === DOT || text.charCodeAt(19) === COMMA) {
    for (position = 20; position < text.length; position++) {
      const digit = text.charCodeAt(position) - ZERO;
      if (digit < 0 || digit > 9) break;
      if (digits < 6) fractionUs = fractionUs * 10 + digit;
      digits++;
    }
    for (let i = digits; i < 6; i++) fractionUs *= 10;
  }
  const precision = digits === 0 ? 'second' : digits <= 3 ? 'millisecond' : 'microsecond';
  return zonedInstant(localSeconds * 1_000_000 + fractionUs, precision, text.slice(position).trim(), zones);
}

/** @param localUs the printed clock read as if it were UTC; `label` its zone as printed */
export function zonedInstant(localUs: number, precision: TimePrecision, label: string, zones: ZoneResolver): Instant {
  const { offsetUs, origin } = zones.resolve(localUs, label);
  return { us: localUs - offsetUs, precision, zone: origin };
}

/** Reads `%n`: seconds since the epoch with milliseconds. */
export function parseEpochTime(text: string): Instant | null {
  const match = /^(\d{9,11})\.(\d{3})$/.exec(text);
  if (!match) return null;
  return { us: Number(match[1]) * 1_000_000 + Number(match[2]) * 1000, precision: 'millisecond', zone: 'read' };
}

/**
 * Seconds since the epoch of `YYYY-MM-DD?HH:MM:SS` at `from`, read as UTC; NaN when it is no such time. `24:00:00` is the next midnight,
 * second 60 (a leap second) the next minute.
 */
export function parseCivilSeconds(text: string, from: number): number {
  if (!isPunctuated(text, from)) return Number.NaN;
  const year = number(text, from, 4);
  const month = number(text, from + 5, 2);
  const day = number(text, from + 8, 2);
  const hour = number(text, from + 11, 2);
  const minute = number(text, from + 14, 2);
  const second = number(text, from + 17, 2);
  if (!(isClock(hour, minute, second) && month >= 1 && month <= 12 && day >= 1)) return Number.NaN;
  if (!(day <= 28 || day <= daysInMonth(year, month))) return Number.NaN;
  return daysFromEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
}

function isPunctuated(text: string, from: number): boolean {
  return (
    text.charCodeAt(from + 4) === HYPHEN &&
    text.charCodeAt(from + 7) === HYPHEN &&
    text.charCodeAt(from + 13) === COLON &&
    text.charCodeAt(from + 16) === COLON
  );
}

function isClock(hour: number, minute: number, second: number): boolean {
  return (hour < 24 && minute < 60 && second <= 60) || (hour === 24 && minute === 0 && second === 0);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function number(text: string, from: number, length: number): number {
  let value = 0;
  for (let i = from; i < from + length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar; the year is counted from March so that leap days come last. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
