import { narrowBands, type Band } from './band.ts';

/**
 * Order-preserving one-to-one alignment of two sequences, with probabilities.
 *
 * Every way to pair rows with columns without crossing, each row and column used at most once or left out, has a weight: the product of its
 * pairs' likelihoods and of the chances of what it leaves out. The forward-backward sums over all of them give each pair's share of the total weight:
 * its probability given everything that competes with it. Three equal errors in one second so come out as honest thirds where nothing tells them apart.
 */
export interface AlignmentProblem {
  readonly rows: number;
  readonly columns: number;
  /** Likelihood of a pair, 0 when it is impossible. Asked once for each cell inside the row's band. */
  readonly pair: (row: number, column: number) => number;
  /** Chance that the row has no partner here; above 0. */
  readonly skipRow: (row: number) => number;
  /** Chance that the column has no partner here; above 0. */
  readonly skipColumn: (column: number) => number;
  /** Columns that the row could pair with; neither end falls from row to row. */
  readonly band: (row: number) => Band;
}

export interface AlignedPair {
  readonly column: number;
  readonly probability: number;
}

export interface Alignment {
  /** For each row its possible partners, likeliest first; those too unlikely to name are left out. */
  readonly pairs: readonly (readonly AlignedPair[])[];
  /** For each row the chance that some column is its partner, the unnamed ones counted in. */
  readonly rowShares: Float64Array;
  /** The same for each column. */
  readonly columnShares: Float64Array;
}

/** Pairs below this are noise, and nobody reads more of them than this. */
const MIN_PROBABILITY = 0.005;
const MAX_PAIRS = 16;

/** One row of the table: its cells' gains, and the weight of everything before each. Logarithms. */
interface TableRow {
  readonly band: Band;
  /** Of pairing, over leaving both sides alone. */
  readonly gains: Float64Array;
  /** Of all alignments of the rows above with the columns to the left. */
  readonly before: Float64Array;
}

/**
 * Sums are kept as logarithms: over a few hundred equal errors they span more than a double can hold. Weights are relative to leaving everything out,
 * so leaving out costs nothing and alignments of no rows or no columns weigh 1.
 */
export function align(problem: AlignmentProblem): Alignment {
  const { table, total } = forwardSums(problem);
  const pairs = new Array<readonly AlignedPair[]>(problem.rows).fill([]);
  const rowShares = new Float64Array(problem.rows);
  const columnShares = new Float64Array(problem.columns);
  // Weight of all alignments of the rows below with the columns from here on; flat left of the lowest band so far.
  const after = new Float64Array(problem.columns + 1);
  let filledFrom = problem.columns;
  for (let row = table.length - 1; row >= 0; row--) {
    const { band, gains, before } = table[row] ?? NO_ROW;
    after.fill(after[filledFrom] ?? 0, Math.min(band.from, filledFrom), filledFrom);
    filledFrom = Math.min(band.from, filledFrom);
    const named: AlignedPair[] = [];
    let afterNext = after[band.to] ?? 0;
    let pairedFromHere = IMPOSSIBLE;
    for (let column = band.to - 1; column >= band.from; column--) {
      const paired = (gains[column - band.from] ?? 0) + afterNext;
      const probability = Math.exp((before[column - band.from] ?? 0) + paired - total);
      rowShares[row] = (rowShares[row] ?? 0) + probability;
      columnShares[column] = (columnShares[column] ?? 0) + probability;
      if (probability >= MIN_PROBABILITY) named.push({ column, probability });
      pairedFromHere = logOfSum(pairedFromHere, paired);
      afterNext = after[column] ?? 0;
      after[column] = logOfSum(afterNext, pairedFromHere);
    }
    named.sort((a, b) => b.probability - a.probability || a.column - b.column);
    pairs[row] = named.slice(0, MAX_PAIRS);
  }
  return { pairs, rowShares, columnShares };
}

function forwardSums(problem: AlignmentProblem): { readonly table: readonly TableRow[]; readonly total: number } {
  const skipColumns = Float64Array.from({ length: problem.columns }, (_, column) =>
    Math.log(problem.skipColumn(column)),
  );
  // Weight of all alignments of the rows so far with the columns up to here; flat right of the highest band so far.
  const sums = new Float64Array(problem.columns + 1);
  let filledTo = 0;
  const table = narrowBands(problem).map((band, row): TableRow => {
    sums.fill(sums[filledTo] ?? 0, filledTo, Math.max(band.to, filledTo) + 1);
    filledTo = Math.max(band.to, filledTo);
    const skipRow = Math.log(problem.skipRow(row));
    const before = sums.slice(band.from, band.to);
    const gains = new Float64Array(before.length);
    let pairedUpToHere = IMPOSSIBLE;
    for (let at = 0; at < before.length; at++) {
      const column = band.from + at;
      const reached = before[at] ?? 0;
      const gain = Math.log(problem.pair(row, column)) - skipRow - (skipColumns[column] ?? 0);
      gains[at] = gain;
      sums[column] = logOfSum(reached, pairedUpToHere);
      pairedUpToHere = logOfSum(pairedUpToHere, reached + gain);
    }
    sums[band.to] = logOfSum(sums[band.to] ?? 0, pairedUpToHere);
    return { band, gains, before };
  });
  return { table, total: sums[filledTo] ?? 0 };
}

const IMPOSSIBLE = Number.NEGATIVE_INFINITY;
const NO_ROW: TableRow = { band: { from: 0, to: 0 }, gains: new Float64Array(0), before: new Float64Array(0) };
/** Beyond this difference of logarithms the smaller term is lost in a double's rounding. */
const NEGLIGIBLE = 37;

function logOfSum(a: number, b: number): number {
  if (b === IMPOSSIBLE) return a;
  const difference = a - b;
  if (difference >= 0) return difference > NEGLIGIBLE ? a : a + Math.log1p(Math.exp(-difference));
  return difference < -NEGLIGIBLE ? b : b + Math.log1p(Math.exp(difference));
}
