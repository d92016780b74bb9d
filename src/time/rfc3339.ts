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
const last = { second: Number.NaN, text: '' };

/** ISO 8601 UTC with the digits that the precision warrants, at least milliseconds: what the API and `--json` print. */
export function formatUtc(us: number): string {
  const second = Math.floor(us / 1_000_000);
  if (second !== last.second) {
    last.text = new Date(second * 1000).toISOString().slice(0, -4);
    last.second = second;
  }
  const fraction = Math.floor(us - second * 1_000_000);
  const micros = fraction % 1000;
  const millis = threeDigits((fraction - micros) / 1000);
  return micros === 0 ? `${last.text}${millis}Z` : `${last.text}${millis}${threeDigits(micros)}Z`;
}

function threeDigits(number: number): string {
  return number > 99 ? String(number) : number > 9 ? `0${String(number)}` : `00${String(number)}`;
}
