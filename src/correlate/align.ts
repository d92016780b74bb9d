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
  /** Likelihood of a pair, 0 when it is impossible. Only called inside the row's band. */
  readonly pair: (row: number, column: number) => number;
  /** Chance that the row has no partner here. */
  readonly skipRow: (row: number) => number;
  readonly skipColumn: (column: number) => number;
  /** Columns [from, to) that the row could pair with; both ends must not fall from row to row. */
  readonly band: (row: number) => { readonly from: number; readonly to: number };
}

export interface AlignedPair {
  readonly column: number;
  readonly probability: number;
}

/** Pairs below this are noise. */
const MIN_PROBABILITY = 0.005;
/** Bounds the work where thousands of equal errors share one second: columns this far from the row's rank are not tried. */
const MAX_HALF_BAND = 256;

/** For each row its possible partners, likeliest first. */
export function align(problem: AlignmentProblem): AlignedPair[][] {
  const { rows, columns } = problem;
  const bands = bandsOf(problem);
  const forward = forwardSums(problem, bands);
  const result: AlignedPair[][] = [];
  // Row by row from the end: one row of backward sums is all that is ever needed.
  let backward = lastRow(problem, bands);
  for (let row = rows - 1; row >= 0; row--) {
    const band = bandAt(bands, row);
    const next = bandAt(bands, row + 1);
    const above = forward[row] ?? new Float64Array(0);
    const pairs: AlignedPair[] = [];
    const weights = new Map<number, number>();
    // The total weight of all alignments, seen from this row: every alignment either pairs the row with one column or leaves it out.
    let total = 0;
    for (let column = band.from; column <= band.to; column++) {
      const before = above[column - band.from] ?? 0;
      if (before === 0) continue;
      total += before * problem.skipRow(row) * valueAt(backward, next, column);
      if (column >= columns) continue;
      const weight = before * problem.pair(row, column) * valueAt(backward, next, column + 1);
      if (weight === 0) continue;
      weights.set(column, weight);
      total += weight;
    }
    for (const [column, weight] of weights) if (weight >= total * MIN_PROBABILITY) pairs.push({ column, probability: weight / total });
    result[row] = pairs.sort((a, b) => b.probability - a.probability);
    backward = backwardRow(problem, row, bands, backward);
  }
  return result;
}

/** The columns already consumed when a row begins: [from, to], monotone, one more than there are rows. */
type Band = AlignmentProblem['band'] extends (row: number) => infer B ? B : never;

function bandsOf(problem: AlignmentProblem): Band[] {
  const { rows, columns } = problem;
  const bands: { from: number; to: number }[] = [];
  for (let row = 0; row < rows; row++) {
    const wanted = problem.band(row);
    const rank = Math.round((row * columns) / rows);
    const slack = MAX_HALF_BAND + Math.abs(columns - rows);
    const from = Math.max(wanted.from, Math.min(rank - slack, wanted.to), bands[row - 1]?.from ?? 0);
    bands.push({ from: row === 0 ? 0 : from, to: Math.max(from, Math.min(wanted.to, rank + slack, columns), bands[row - 1]?.to ?? 0) });
  }
  bands.push({ from: bands[rows - 1]?.from ?? 0, to: columns });
  // A row's band reaches to where the next one begins, so that the columns between can be left out there.
  for (let row = rows - 1; row >= 0; row--) {
    const band = bands[row];
    const next = bands[row + 1];
    if (band !== undefined && next !== undefined && band.to < next.from) band.to = next.from;
  }
  return bands;
}

function forwardSums(problem: AlignmentProblem, bands: readonly Band[]): Float64Array[] {
  const sums: Float64Array[] = [];
  let current = new Float64Array(width(bandAt(bands, 0)));
  current[0] = 1;
  for (let row = 0; row <= problem.rows; row++) {
    const band = bandAt(bands, row);
    for (let column = band.from; column < band.to; column++) {
      const at = column - band.from;
      current[at + 1] = (current[at + 1] ?? 0) + (current[at] ?? 0) * problem.skipColumn(column);
    }
    scale(current);
    sums.push(current);
    if (row === problem.rows) break;
    const nextBand = bandAt(bands, row + 1);
    const next = new Float64Array(width(nextBand));
    for (let column = band.from; column <= band.to; column++) {
      const value = current[column - band.from] ?? 0;
      if (value === 0) continue;
      const at = column - nextBand.from;
      if (at >= 0 && at < next.length) next[at] = (next[at] ?? 0) + value * problem.skipRow(row);
      if (column < problem.columns && at + 1 >= 0 && at + 1 < next.length) next[at + 1] = (next[at + 1] ?? 0) + value * problem.pair(row, column);
    }
    current = next;
  }
  return sums;
}

function lastRow(problem: AlignmentProblem, bands: readonly Band[]): Float64Array {
  const band = bandAt(bands, problem.rows);
  const sums = new Float64Array(width(band));
  sums[sums.length - 1] = 1;
  skipColumnsBackward(problem, band, sums);
  return sums;
}

function backwardRow(problem: AlignmentProblem, row: number, bands: readonly Band[], below: Float64Array): Float64Array {
  const band = bandAt(bands, row);
  const next = bandAt(bands, row + 1);
  const sums = new Float64Array(width(band));
  for (let column = band.from; column <= band.to; column++) {
    let value = problem.skipRow(row) * valueAt(below, next, column);
    if (column < problem.columns) value += problem.pair(row, column) * valueAt(below, next, column + 1);
    sums[column - band.from] = value;
  }
  skipColumnsBackward(problem, band, sums);
  return sums;
}

function skipColumnsBackward(problem: AlignmentProblem, band: Band, sums: Float64Array): void {
  for (let column = band.to - 1; column >= band.from; column--) {
    const at = column - band.from;
    sums[at] = (sums[at] ?? 0) + (sums[at + 1] ?? 0) * problem.skipColumn(column);
  }
  scale(sums);
}

/** Only ratios within a row count, so each row is kept near 1: products over thousands of rows would underflow. */
function scale(sums: Float64Array): void {
  let largest = 0;
  for (const value of sums) if (value > largest) largest = value;
  if (largest > 0) for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) / largest;
}

function bandAt(bands: readonly Band[], row: number): Band {
  return bands[row] ?? { from: 0, to: 0 };
}

function valueAt(sums: Float64Array, band: Band, column: number): number {
  return sums[column - band.from] ?? 0;
}

function width(band: Band): number {
  return band.to - band.from + 1;
}
