import type { Instant } from '../domain.ts';
import { parseCivilSeconds } from './postgres-time.ts';
import type { ZoneResolver } from './zone.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const STAMP = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?$/;
/** Clocks of two hosts and their zones differ by so much at most: a stamp further in the future is last year's. */
const AHEAD_US = 36 * 3600 * 1_000_000;

/**
 * Reads a BSD syslog time (`Nov 23 05:43:22`, `Feb  3 05:43:22.123456`). It has no year: the latest one is taken under which the line is not
 * newer than `referenceMs` (when the log was last written to). It has no zone either: the resolver's answer for a time without a label counts.
 */
export function parseSyslogTime(text: string, referenceMs: number, zones: ZoneResolver): Instant | null {
  const match = STAMP.exec(text);
  if (match === null) return null;
  const month = MONTHS.indexOf(match[1] ?? '') + 1;
  if (month === 0) return null;
  const day = (match[2] ?? '').trim().padStart(2, '0');
  const fraction = match[4] ?? '';
  const referenceYear = new Date(referenceMs + AHEAD_US / 1000).getUTCFullYear();
  // A 29th of February needs a leap year, which may be up to eight years back.
  for (let year = referenceYear; year > referenceYear - 9; year--) {
    const seconds = parseCivilSeconds(`${year}-${String(month).padStart(2, '0')}-${day} ${match[3] ?? ''}`, 0);
    if (Number.isNaN(seconds)) continue;
    const localUs = seconds * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
    if (localUs > referenceMs * 1000 + AHEAD_US) continue;
    const { offsetUs, origin } = zones.resolve(localUs, '');
    return { us: localUs - offsetUs, precision: precisionOf(fraction), zone: origin };
  }
  return null;
}

function precisionOf(fraction: string): Instant['precision'] {
  return fraction === '' ? 'second' : fraction.length <= 3 ? 'millisecond' : 'microsecond';
}
