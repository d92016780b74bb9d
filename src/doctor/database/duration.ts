const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a Postgres setting of time: `5s`, `1min`, or a bare number of milliseconds; null for anything else. */
export function durationMs(text: string): number | null {
  const [, number, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(text) ?? [];
  const factor = UNIT_MS[unit];
  return number === undefined || factor === undefined ? null : Number(number) * factor;
}

/** `250 ms`, `5 s`, `2 min`. */
export function sayMs(ms: number): string {
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 120_000) return `${String(Math.round(ms / 1_000))} s`;
  return ms < 7_200_000 ? `${String(Math.round(ms / 60_000))} min` : `${String(Math.round(ms / 3_600_000))} h`;
}
