import type { Instant, TimePrecision } from '../../domain.ts';

/** When something happened, as exactly as its log tells: [fromUs, toUs). */
export interface Interval {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Whatever may have a time: null where its log has none. */
export interface Timed {
  readonly interval: Interval | null;
}

const WIDTH_US: Readonly<Record<TimePrecision, number>> = { second: 1_000_000, millisecond: 1000, microsecond: 1 };

export function intervalOf(instant: Instant, offsetUs = 0): Interval {
  return { fromUs: instant.us + offsetUs, toUs: instant.us + offsetUs + WIDTH_US[instant.precision] };
}
