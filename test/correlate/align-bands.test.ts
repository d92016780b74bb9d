import { describe, expect, it } from 'vitest';
import { align } from '../../src/correlate/matching/align.ts';
import { bandByTime, narrowBands } from '../../src/correlate/matching/band.ts';

const second = (from: number) => ({ interval: { fromUs: from * 1e6, toUs: (from + 1) * 1e6 } });
const timeless = { interval: null };

describe('bandByTime', () => {
  it('lets a row reach what was written up to eight seconds before it, and nothing after', () => {
    const band = bandByTime([second(20)], [5, 12, 19, 20, 23].map(second));
    expect(band(0)).toEqual({ from: 1, to: 4 });
  });

  it('puts what has no time between its neighbours, in rows and in columns', () => {
    const rows = [second(0), timeless, second(100)];
    const band = bandByTime(rows, [second(0), timeless, second(50), second(100)]);
    expect([0, 1, 2].map(band)).toEqual([
      { from: 0, to: 2 },
      { from: 0, to: 4 },
      { from: 3, to: 4 },
    ]);
  });
});

describe('narrowBands', () => {
  it('counts ranks within a stretch: what one log lacks elsewhere shifts nobody', () => {
    // The first 5,000 rows have no column at all; the other 5,000 share one second with theirs.
    const bands = narrowBands({
      rows: 10_000,
      columns: 5000,
      band: (row) => (row < 5000 ? { from: 0, to: 0 } : { from: 0, to: 5000 }),
    });
    const widest = Math.max(...bands.map(({ from, to }) => to - from));
    expect(widest).toBeLessThan(600);
    for (let row = 5000; row < 10_000; row += 500) {
      const { from = 0, to = 0 } = bands[row] ?? {};
      expect(from <= row - 5000 && row - 5000 < to).toBe(true);
    }
  });
});

describe('align at its limits', () => {
  const equal = (rows: number, columns: number) =>
    align({
      rows,
      columns,
      pair: () => 0.9,
      skipRow: () => 0.002,
      skipColumn: () => 0.006,
      band: () => ({ from: 0, to: columns }),
    });

  it('finds its way past hundreds of columns that nobody claims', () => {
    const { pairs } = align({
      rows: 2,
      columns: 402,
      pair: (row, column) => (column === 400 + row ? 0.9 : 0),
      skipRow: () => 0.002,
      skipColumn: () => 0.006,
      band: () => ({ from: 0, to: 402 }),
    });
    expect(pairs.map(([best]) => best?.column)).toEqual([400, 401]);
    expect(pairs[0]?.[0]?.probability).toBeGreaterThan(0.99);
  });

  it.each([
    [3000, 2700],
    [2700, 3000],
  ])('knows of %i equal rows and %i columns that nearly all are paired, though not which', (rows, columns) => {
    const { pairs, rowShares, columnShares } = equal(rows, columns);
    const sum = (shares: Float64Array): number => shares.reduce((all, share) => all + share, 0);
    expect(sum(rowShares)).toBeCloseTo(sum(columnShares), 3);
    expect(sum(rowShares) / Math.min(rows, columns)).toBeGreaterThan(0.99);
    expect(Math.max(...rowShares)).toBeLessThan(1 + 1e-6);
    for (const [best] of pairs.slice(500, -500)) expect(best?.probability ?? 0).toBeLessThan(0.1);
  });

  it('has an answer for nothing', () => {
    expect(equal(0, 3).pairs).toEqual([]);
    expect(equal(2, 0).pairs).toEqual([[], []]);
  });
});
