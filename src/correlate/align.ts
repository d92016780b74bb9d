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
  let below = lastRow(problem, bandAt(bands, rows));
  for (let row = rows - 1; row >= 0; row--) {
    const band = bandAt(bands, row);
    const { arriving, leftOut } = forward[row] ?? NOTHING;
    const after = extendedDown(problem, below, bandAt(bands, row + 1), band.from);
    const skipRow = problem.skipRow(row);
    const sums = new Float64Array(width(band));
    const weights: AlignedPair[] = [];
    // The total weight of all alignments, seen from this row: every alignment either pairs the row with one column or leaves it out.
    let total = 0;
    let pairedLater = 0;
    for (let column = band.to; column >= band.from; column--) {
      const at = column - band.from;
      const paired = column < columns ? problem.pair(row, column) * (after[at + 1] ?? 0) : 0;
      const skipped = skipRow * (after[at] ?? 0);
      pairedLater = paired + (column < band.to ? problem.skipColumn(column) * pairedLater : 0);
      sums[at] = skipped + pairedLater;
      const weight = (leftOut[at] ?? 0) * paired;
      total += (arriving[at] ?? 0) * skipped + weight;
      if (weight > 0) weights.push({ column, probability: weight });
    }
    result[row] = weights
      .filter(({ probability }) => probability >= total * MIN_PROBABILITY)
      .map(({ column, probability }) => ({ column, probability: probability / total }))
      .sort((a, b) => b.probability - a.probability);
    scale(sums);
    below = sums;
  }
  return result;
}

/**
 * Sums over all ways to reach a row, by the columns behind: as they arrive, and after columns were left out to pair with a later one. A row that is
 * left out takes the first: its columns could be left out before or after it, and one alignment must be counted once.
 */
interface ForwardRow {
  readonly arriving: Float64Array;
  readonly leftOut: Float64Array;
}

const NOTHING: ForwardRow = { arriving: new Float64Array(0), leftOut: new Float64Array(0) };

/** How many columns may be behind when a row begins: [from, to], monotone, one more than there are rows. */
interface Band {
  readonly from: number;
  readonly to: number;
}

function bandsOf(problem: AlignmentProblem): Band[] {
  const { rows, columns } = problem;
  const slack = MAX_HALF_BAND + Math.abs(columns - rows);
  const bands: Band[] = [];
  let previous: Band = { from: 0, to: 0 };
  for (let row = 0; row < rows; row++) {
    const wanted = problem.band(row);
    const rank = Math.round((row * columns) / rows);
    const from = Math.max(previous.from, Math.min(Math.max(wanted.from, rank - slack), columns));
    const to = Math.max(previous.to, from, Math.min(wanted.to, rank + slack, columns));
    previous = { from: row === 0 ? 0 : from, to };
    bands.push(previous);
  }
  bands.push({ from: previous.from, to: columns });
  return bands;
}

function forwardSums(problem: AlignmentProblem, bands: readonly Band[]): ForwardRow[] {
  const sums: ForwardRow[] = [];
  let arriving = new Float64Array(width(bandAt(bands, 0)));
  arriving[0] = 1;
  for (let row = 0; row < problem.rows; row++) {
    const band = bandAt(bands, row);
    scale(arriving);
    const leftOut = Float64Array.from(arriving);
    for (let at = 1; at < leftOut.length; at++)
      leftOut[at] = (leftOut[at] ?? 0) + (leftOut[at - 1] ?? 0) * problem.skipColumn(band.from + at - 1);
    sums.push({ arriving, leftOut });
    arriving = nextArriving(problem, row, band, bandAt(bands, row + 1), { arriving, leftOut });
  }
  return sums;
}

function nextArriving(
  problem: AlignmentProblem,
  row: number,
  band: Band,
  next: Band,
  { arriving, leftOut }: ForwardRow,
): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(width(next));
  const skipRow = problem.skipRow(row);
  // Columns that no later row can pair with are left out on the way in.
  let waiting = 0;
  let paired = 0;
  for (let column = band.from; column <= Math.max(band.to + 1, next.from); column++) {
    const at = column - band.from;
    const value = waiting + (arriving[at] ?? 0) * skipRow + paired;
    paired = column <= band.to && column < problem.columns ? (leftOut[at] ?? 0) * problem.pair(row, column) : 0;
    if (column < next.from) waiting = value * problem.skipColumn(column);
    else {
      waiting = 0;
      if (column <= next.to) sums[column - next.from] = value;
    }
  }
  return sums;
}

/** Behind the last row only columns are left, and all of them are left out. */
function lastRow(problem: AlignmentProblem, band: Band): Float64Array {
  const sums = new Float64Array(width(band));
  sums[sums.length - 1] = 1;
  for (let at = sums.length - 2; at >= 0; at--) sums[at] = (sums[at + 1] ?? 0) * problem.skipColumn(band.from + at);
  return sums;
}

/** The backward sums of a row, as seen from states that have fewer columns behind them than its band begins with: those are left out on the way in. */
function extendedDown(problem: AlignmentProblem, sums: Float64Array, band: Band, from: number): Float64Array {
  const missing = band.from - from;
  if (missing <= 0) return sums.subarray(-missing);
  const extended = new Float64Array(sums.length + missing);
  extended.set(sums, missing);
  for (let at = missing - 1; at >= 0; at--) extended[at] = (extended[at + 1] ?? 0) * problem.skipColumn(from + at);
  return extended;
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

function width(band: Band): number {
  return band.to - band.from + 1;
}
