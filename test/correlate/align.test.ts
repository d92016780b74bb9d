import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../src/correlate/matching/align.ts';
import type { Band } from '../../src/correlate/matching/band.ts';

const NONE: Band = { from: 0, to: 0 };

function isIn({ from, to }: Band, column: number): boolean {
  return column >= from && column < to;
}

/** All alignments by brute force: the definition that the forward-backward must agree with. */
function enumerate(
  rows: number,
  columns: number,
  pair: (row: number, column: number) => number,
  skipRow: number,
  skipColumn: number,
  late: (row: number) => Band = () => NONE,
): number[][] {
  const weights = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  let total = 0;
  const walk = (row: number, column: number, weight: number, pairs: readonly (readonly [number, number])[]): void => {
    if (row === rows) {
      const whole = weight * skipColumn ** (columns - column);
      total += whole;
      for (const [r, c] of pairs) {
        const line = weights[r];
        if (line !== undefined) line[c] = (line[c] ?? 0) + whole;
      }
      return;
    }
    walk(row + 1, column, weight * skipRow, pairs);
    for (let c = column; c < columns; c++) {
      const last = pairs.at(-1);
      const goesOn =
        last !== undefined && late(row) === late(last[0]) && isIn(late(row), last[1]) && isIn(late(row), c);
      const skipped = skipColumn ** (c - column);
      walk(row + 1, c + 1, weight * skipped * pair(row, c) * (goesOn ? 64 : 1), [...pairs, [row, c]]);
    }
  };
  walk(0, 0, 1, []);
  return weights.map((line) => line.map((weight) => weight / total));
}

describe('align', () => {
  it('gives every pair the share of all alignments that hold it, whatever the bands', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
        fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 4, maxLength: 4 }),
        fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 2, maxLength: 2 }),
        (rows, columns, likelihoods, cuts, borders) => {
          // Bands rise from row to row; outside its band a row pairs with nothing.
          let from = 0;
          let to = 0;
          const bands = cuts.map(([a, b]) => {
            from = Math.min(columns, Math.max(from, a));
            to = Math.min(columns, Math.max(to, from, b));
            return { from, to };
          });
          // Two rows stand behind each border.
          const behind = borders.map(([a, b]) => ({
            from: Math.min(a, b, columns),
            to: Math.min(Math.max(a, b), columns),
          }));
          const late = (row: number): Band => behind[row >> 1] ?? NONE;
          const pair = (row: number, column: number): number => {
            const band = bands[row];
            if (band === undefined || column < band.from || column >= band.to) return 0;
            return likelihoods[row * 5 + column] ?? 0;
          };
          const expected = enumerate(rows, columns, pair, 0.1, 0.3, late);
          const { pairs: found } = align({
            rows,
            columns,
            pair,
            skipRow: () => 0.1,
            skipColumn: () => 0.3,
            band: (row) => bands[row] ?? { from: 0, to: columns },
            late,
          });
          for (let row = 0; row < rows; row++) {
            for (let column = 0; column < columns; column++) {
              const probability = found[row]?.find((one) => one.column === column)?.probability ?? 0;
              const truth = expected[row]?.[column] ?? 0;
              if (truth > 0.006) expect(probability).toBeCloseTo(truth, 9);
              else expect(probability).toBeLessThan(0.0065);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says a third of each where three equal errors and one entry fit equally', () => {
    const { pairs: found } = align({
      rows: 3,
      columns: 1,
      pair: () => 0.5,
      skipRow: () => 0.01,
      skipColumn: () => 0.01,
      band: () => ({ from: 0, to: 1 }),
    });
    const third: unknown = expect.closeTo(1 / 3, 2);
    expect(found.map((row) => row.map(({ probability }) => probability))).toEqual([[third], [third], [third]]);
  });

  it('pairs ten thousand equal errors of one second without a quadratic table', () => {
    const size = 10_000;
    let asked = 0;
    const { pairs: found } = align({
      rows: size,
      columns: size,
      pair: () => {
        asked++;
        return 0.5;
      },
      skipRow: () => 0.002,
      skipColumn: () => 0.03,
      band: () => ({ from: 0, to: size }),
    });
    expect(found).toHaveLength(size);
    expect(found[5000]?.[0]).toMatchObject({ column: 5000 });
    expect(asked).toBeLessThan(size * 300);
  });
});
