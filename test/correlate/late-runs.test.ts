import { expect, it } from 'vitest';
import { align } from '../../src/correlate/matching/align.ts';
import { bandByTime } from '../../src/correlate/matching/band.ts';
import { lateBands } from '../../src/correlate/matching/late-runs.ts';
import { createDelayModel } from '../../src/correlate/timing/delay.ts';
import type { Interval } from '../../src/correlate/timing/interval.ts';

interface Timed {
  readonly interval: Interval | null;
}

/** So many in each second, one second behind the other. */
function inSeconds(counts: readonly number[]): Timed[] {
  return counts.flatMap((count, second) =>
    Array.from({ length: count }, () => ({ interval: { fromUs: second * 1e6, toUs: (second + 1) * 1e6 } })),
  );
}

function aligned(
  rows: readonly Timed[],
  columns: readonly Timed[],
): { readonly best: number[]; readonly sure: number[] } {
  const delay = createDelayModel();
  const { pairs } = align({
    rows: rows.length,
    columns: columns.length,
    pair: (row, column) => {
      const [line, entry] = [rows[row]?.interval, columns[column]?.interval];
      return line == null || entry == null ? 0.5 : delay(entry, line);
    },
    skipRow: () => 0.002,
    skipColumn: () => 0.006,
    band: bandByTime(rows, columns),
    late: lateBands(rows, columns, rows[0]?.interval?.fromUs ?? null),
  });
  return { best: pairs.map(([best]) => best?.column ?? -1), sure: pairs.map(([best]) => best?.probability ?? 0) };
}

it('keeps the ranks where a stall carries several lines over the turn of a second, more than once', () => {
  // Of the entries of four seconds, 20 each, denokv tells the last four of the first three in the next second.
  const entries = inSeconds([20, 20, 20, 20]);
  const lines = inSeconds([16, 20, 20, 24]);
  const { best, sure } = aligned(lines, entries);
  expect(best).toEqual(lines.map((_, rank) => rank));
  expect(Math.min(...sure)).toBeGreaterThan(0.5);
});

it('knows no turn of a second in finer times, nor where a line has none', () => {
  const fine = { interval: { fromUs: 1e6, toUs: 1e6 + 1000 } };
  const whole = { interval: { fromUs: 0, toUs: 1e6 } };
  const next = { interval: { fromUs: 1e6, toUs: 2e6 } };
  const late = lateBands([fine, next, { interval: null }], [whole, whole, fine], null);
  expect([0, 1, 2].map(late)).toEqual([
    { from: 0, to: 0 },
    { from: 0, to: 2 },
    { from: 0, to: 0 },
  ]);
  // Where the log begins nothing tells whose lines would stand before it.
  expect(lateBands([next], [whole, whole], next.interval.fromUs)(0)).toEqual({ from: 0, to: 0 });
});
