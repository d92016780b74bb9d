import { COUNTED_UP_TO } from '../../../src/counted-up-to.ts';

/** `1 failure`, `2 failures`, `12,345 failures`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${count === 1 ? noun : pluralOf(noun)}`;
}

/** `12 failures`, `200 or more failures`: how many fit a question. */
export function formatTotal(total: number): string {
  return total < COUNTED_UP_TO
    ? formatCount(total, 'failure')
    : `${formatNumber(COUNTED_UP_TO)} or more ${pluralOf('failure')}`;
}

const NUMBER = new Intl.NumberFormat('en-US');

export function formatNumber(value: number): string {
  return NUMBER.format(value);
}

function pluralOf(noun: string): string {
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** A probability: never "100%" or "0%" for what is only nearly so. */
export function formatShare(share: number): string {
  const percent = Math.round(share * 100);
  if (percent === 100 && share < 1) return '> 99%';
  if (percent === 0 && share > 0) return '< 1%';
  return `${percent}%`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < BYTE_UNITS.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit] ?? 'B'}`;
}

const SPANS: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** The two largest units that tell: `2 h 5 min`, `41 s`, `120 ms`. */
export function formatSpan(ms: number): string {
  const whole = Math.abs(Math.round(ms));
  if (whole < 1_000) return `${whole} ms`;
  const first = SPANS.findIndex(([, size]) => whole >= size);
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, size] of SPANS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

/** How long ago, coarse: a list is read at a glance. */
export function formatAgo(ms: number): string {
  if (ms < -1_000) return `in ${formatCoarse(-ms)}`;
  if (ms < 1_000) return 'now';
  return `${formatCoarse(ms)} ago`;
}

function formatCoarse(ms: number): string {
  const [unit, size] = SPANS.find(([, each]) => ms >= each) ?? ['s', 1_000];
  return `${Math.floor(ms / size)} ${unit}`;
}

/** A distance on a time axis: `+0.120 s`, `-3 s`, with the digits that the log has. */
export function formatDelta(ms: number, isWholeSecond: boolean): string {
  const sign = ms < 0 ? '−' : '+';
  const seconds = Math.abs(ms) / 1_000;
  return `${sign}${isWholeSecond ? seconds.toFixed(0) : seconds.toFixed(3)} s`;
}
