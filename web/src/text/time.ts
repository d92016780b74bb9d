import type { TimePrecision } from '../../../src/domain.ts';

export type Zone = 'local' | 'utc';

/** Intl makes a formatter slowly, and lists need one a row. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: Zone, part: 'date' | 'clock'): Intl.DateTimeFormat {
  const key = `${zone} ${part}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
    ...(part === 'date'
      ? { year: 'numeric', month: '2-digit', day: '2-digit' }
      : { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  });
  formatters.set(key, made);
  return made;
}

export function formatDate(ms: number, zone: Zone): string {
  return formatter(zone, 'date').format(ms);
}

/** As exact as the log was, and no more so. */
export function formatClock(iso: string, precision: TimePrecision | null, zone: Zone): string {
  const ms = Date.parse(iso);
  const clock = formatter(zone, 'clock').format(ms);
  if (precision === null || precision === 'second') return clock;
  return `${clock}.${String(((ms % 1_000) + 1_000) % 1_000).padStart(3, '0')}`;
}

export function formatHourMinute(ms: number, zone: Zone): string {
  return formatter(zone, 'clock').format(ms).slice(0, 5);
}

/** `UTC`, or the local zone's name with its offset at that moment: `Europe/Berlin, UTC+1`. */
export function zoneName(zone: Zone, ms: number): string {
  if (zone === 'utc') return 'UTC';
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const offset = offsetName(ms);
  return timeZone === 'UTC' ? 'UTC' : `${timeZone}, ${offset}`;
}

export function offsetName(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
