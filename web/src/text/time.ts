import type { TimePrecision } from '../../../src/domain.ts';

export type Zone = 'local' | 'utc';

/** A row that is scrolled into sight formats four times: a Date's own fields take a fifth of what Intl takes. */
export function formatDate(ms: number, zone: Zone): string {
  const date = new Date(ms);
  return zone === 'utc'
    ? join('-', date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())
    : join('-', date.getFullYear(), date.getMonth() + 1, date.getDate());
}

/** As exact as the log was, and no more so. */
export function formatClock(iso: string, precision: TimePrecision | null, zone: Zone): string {
  const date = new Date(iso);
  const clock =
    zone === 'utc'
      ? join(':', date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds())
      : join(':', date.getHours(), date.getMinutes(), date.getSeconds());
  if (precision === null || precision === 'second') return clock;
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Of a time that came without its precision: a log that prints whole seconds must not seem to know the thousandths. */
export function printedPrecision(iso: string): TimePrecision {
  return /\.\d*[1-9]/.test(iso) ? 'millisecond' : 'second';
}

export function formatHourMinute(ms: number, zone: Zone): string {
  const date = new Date(ms);
  return zone === 'utc'
    ? join(':', date.getUTCHours(), date.getUTCMinutes())
    : join(':', date.getHours(), date.getMinutes());
}

/** `UTC`, or the local zone's name with its offset at that moment: `Europe/Berlin, UTC+1`. */
export function zoneName(zone: Zone, ms: number): string {
  const local = localZoneName();
  return zone === 'utc' || local === 'UTC' ? 'UTC' : `${local}, ${offsetName(ms)}`;
}

export function offsetName(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

let knownZoneName: string | null = null;

/** Asked once: it takes the browser 0.1 ms, and each row wants it. */
function localZoneName(): string {
  knownZoneName ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return knownZoneName;
}

function join(separator: string, ...numbers: readonly number[]): string {
  return numbers.map((number) => String(number).padStart(2, '0')).join(separator);
}
