import type { Clock } from './parse-time.ts';

/** This host's time and zone (`TZ` is honoured). The one impure reading of the clock for questions that people ask. */
export function systemClock(): Clock {
  return { nowMs: Date.now(), zone: zoneOfHost() };
}

/** Asking for the zone takes 0.5 ms, and within a process it changes with `TZ` alone. */
let known: { readonly tz: string | undefined; readonly zone: string } | null = null;

function zoneOfHost(): string {
  const tz = process.env['TZ'];
  if (known?.tz !== tz || known === null) known = { tz, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  return known.zone;
}
