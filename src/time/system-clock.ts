import type { Clock } from './parse-time.ts';

/** This host's time and zone (`TZ` is honoured). The one impure reading of the clock for questions that people ask. */
export function systemClock(): Clock {
  return { nowMs: Date.now(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}
