import { TZDate } from '@date-fns/tz';
import { format } from 'date-fns/format';
import type { TimePrecision } from '../domain.ts';

/** `2026-11-23 11:22:05` in the given zone, with milliseconds where the log had them; `-` for no time. */
export function formatTime(iso: string | null, precision: TimePrecision | null, zone: string): string {
  return printTime(
    iso,
    precision === 'second' || precision === null ? 'yyyy-MM-dd HH:mm:ss' : 'yyyy-MM-dd HH:mm:ss.SSS',
    zone,
  );
}

/** `11:22:05` in the given zone; `-` for no time. */
export function formatClock(iso: string | null, zone: string): string {
  return printTime(iso, 'HH:mm:ss', zone);
}

/** `2026-11-23` in the given zone; `-` for no time. */
export function formatDay(iso: string | null, zone: string): string {
  return printTime(iso, 'yyyy-MM-dd', zone);
}

/** `11-23 11:22` in the given zone, where several days are told side by side; `-` for no time. */
export function formatMinute(iso: string | null, zone: string): string {
  return printTime(iso, 'MM-dd HH:mm', zone);
}

/** `+01:00`: the zone's offset at that time. */
export function formatOffset(iso: string, zone: string): string {
  return printTime(iso, 'xxx', zone);
}

/** `+01:00 (Europe/Rome)`: in which zone times are printed, with the offset that it had at that time. */
export function describeZone(iso: string | null, zone: string): string {
  const offset = formatOffset(iso ?? new Date().toISOString(), zone);
  return offset === zone ? offset : `${offset} (${zone})`;
}

/** A probability in whole per cent, rounded down: 99.6 % is not certainty. */
export function formatShare(share: number): string {
  // A hundred is said only of all.
  const percent = share < 1 ? Math.min(99, Math.round(share * 100)) : 100;
  return percent < 1 && share > 0 ? '<1%' : `${String(percent)}%`;
}

/** `2 GiB`, `512 MiB`, `1.5 GiB`: as a configuration may say it. */
export function formatBytes(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${String(Number((bytes / 1_024 ** power).toFixed(2)))} ${['bytes', 'KiB', 'MiB', 'GiB', 'TiB'][power] ?? ''}`;
}

/** `1 failure`, `2 failures`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `5 h 2 min`, `3 d 4 h`: the two largest units. */
export function formatSpan(spanMs: number): string {
  if (spanMs < 1_000) return `${String(Math.round(spanMs))} ms`;
  const parts = SPAN_UNITS.map(({ unit, ms, wrap }) => ({ unit, count: Math.floor(spanMs / ms) % wrap }));
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ unit, count }) => `${String(count)} ${unit}`)
    .join(' ');
}

const SPAN_UNITS = [
  { unit: 'd', ms: 86_400_000, wrap: Infinity },
  { unit: 'h', ms: 3_600_000, wrap: 24 },
  { unit: 'min', ms: 60_000, wrap: 60 },
  { unit: 's', ms: 1_000, wrap: 60 },
] as const;

function printTime(iso: string | null, pattern: string, zone: string): string {
  const ms = iso === null ? NaN : Date.parse(iso);
  return Number.isNaN(ms) ? '-' : format(new TZDate(ms, zone), pattern);
}
