import type { Instant } from '../domain.ts';
import { parseCivilSeconds } from './postgres-time.ts';
import { parseNumericOffset } from './zone.ts';

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)$/;

/** Reads an RFC 3339 time as env_logger, docker and CRI print it, to the microsecond. Null when the text is not one. */
export function parseRfc3339(text: string): Instant | null {
  const match = RFC3339.exec(text);
  if (!match) return null;
  const seconds = parseCivilSeconds(text, 0);
  if (Number.isNaN(seconds)) return null;
  const fraction = match[1] ?? '';
  const zone = match[2] ?? 'Z';
  const offsetMinutes = zone === 'Z' || zone === 'z' ? 0 : parseNumericOffset(zone);
  if (offsetMinutes === null) return null;
  return {
    us: (seconds - offsetMinutes * 60) * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6)),
    precision: fraction.length === 0 ? 'second' : fraction.length <= 3 ? 'millisecond' : 'microsecond',
    zone: 'read',
  };
}

/** The second that was printed last: a log's times come in rows of the same one, and a Date takes longer than all the rest of a line. */
const last = { second: Number.NaN, text: '', hour: Number.NaN, hourText: '' };
const SECONDS_PER_HOUR = 3600;
const MICROS_PER_SECOND = 1_000_000;
const ZERO = 48;
const UTC_LETTER = 90;
export const MAX_UTC_CHARS = '2026-11-23T10:22:05.123456Z'.length;

/** ISO 8601 UTC with the digits that the precision warrants, at least milliseconds: what the API and `--json` print. */
export function formatUtc(us: number): string {
  const second = Math.floor(us / MICROS_PER_SECOND);
  const fraction = Math.floor(us - second * MICROS_PER_SECOND);
  const micros = fraction % 1000;
  const millis = threeDigits((fraction - micros) / 1000);
  return micros === 0 ? `${textOf(second)}${millis}Z` : `${textOf(second)}${millis}${threeDigits(micros)}Z`;
}

/** Writes the same to bytes at `at`, and says where it ends. */
export function writeUtc(us: number, bytes: Uint8Array, at: number): number {
  const second = Math.floor(us / MICROS_PER_SECOND);
  const fraction = Math.floor(us - second * MICROS_PER_SECOND);
  const micros = fraction % 1000;
  const text = textOf(second);
  let to = at;
  for (let index = 0; index < text.length; index++) bytes[to++] = text.charCodeAt(index);
  to = writeThreeDigits((fraction - micros) / 1000, bytes, to);
  if (micros !== 0) to = writeThreeDigits(micros, bytes, to);
  bytes[to] = UTC_LETTER;
  return to + 1;
}

/** `2026-11-23T10:22:05.`: a date is worked out once an hour, which most neighbours share. */
function textOf(second: number): string {
  if (second !== last.second) {
    const hour = Math.floor(second / SECONDS_PER_HOUR);
    if (hour !== last.hour) {
      last.hourText = new Date(hour * SECONDS_PER_HOUR * 1000).toISOString().slice(0, -'00:00.000Z'.length);
      last.hour = hour;
    }
    const within = second - hour * SECONDS_PER_HOUR;
    const minute = Math.floor(within / 60);
    last.text = `${last.hourText}${twoDigits(minute)}:${twoDigits(within - 60 * minute)}.`;
    last.second = second;
  }
  return last.text;
}

function twoDigits(number: number): string {
  return number > 9 ? String(number) : `0${String(number)}`;
}

function threeDigits(number: number): string {
  return number > 99 ? String(number) : number > 9 ? `0${String(number)}` : `00${String(number)}`;
}

function writeThreeDigits(number: number, bytes: Uint8Array, at: number): number {
  const tens = Math.floor(number / 10);
  const hundreds = Math.floor(number / 100);
  bytes[at] = ZERO + hundreds;
  bytes[at + 1] = ZERO + tens - 10 * hundreds;
  bytes[at + 2] = ZERO + number - 10 * tens;
  return at + 3;
}
