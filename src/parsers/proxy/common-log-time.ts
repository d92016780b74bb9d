import type { Instant } from '../../domain.ts';
import { parseCivilSeconds } from '../../time/postgres-time.ts';
import { parseNumericOffset, type ZoneResolver } from '../../time/zone.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const STAMP = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?: ([+-]\d{4}))?$/;

/** `23/Nov/2026:05:43:22 +0000` of nginx, Apache and Traefik; HAProxy's has milliseconds and no zone. */
export function parseCommonLogTime(text: string, zones: ZoneResolver): Instant | null {
  const match = STAMP.exec(text);
  if (match === null) return null;
  const month = MONTHS.indexOf(match[2] ?? '') + 1;
  const seconds = parseCivilSeconds(
    `${match[3] ?? ''}-${String(month).padStart(2, '0')}-${match[1] ?? ''} ${match[4] ?? ''}`,
    0,
  );
  if (Number.isNaN(seconds)) return null;
  const fraction = match[5] ?? '';
  const localUs = seconds * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
  const precision = fraction === '' ? 'second' : fraction.length <= 3 ? 'millisecond' : 'microsecond';
  const printed = parseNumericOffset(match[6] ?? '');
  if (printed !== null) return { us: localUs - printed * 60_000_000, precision, zone: 'read' };
  const { offsetUs, origin } = zones.resolve(localUs, '');
  return { us: localUs - offsetUs, precision, zone: origin };
}

/** The same moment later by a duration: proxies that stamp the request's beginning have its end here. */
export function laterBy(at: Instant | null, ms: number | null): Instant | null {
  return at === null || ms === null || ms <= 0 ? at : { ...at, us: at.us + Math.round(ms * 1000) };
}
