import { narrowBands, type Band } from './band.ts';
import { IMPOSSIBLE, logOfSum } from './log-sum.ts';

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
  /**
   * Columns that stand just beyond a border of time from the row, where one pair across it makes the next likelier; the same object for all rows behind the
   * same border. None where it is not given.
   */
  readonly late?: (row: number) => Band;
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

/** How much likelier a pair across a border is behind another one across it, less one (see `late-runs.ts`); a logarithm. */
const RUN = Math.log(63);
/** Pairs below this are noise, and nobody reads more of them than this. */
const MIN_PROBABILITY = 0.005;
const MAX_PAIRS = 16;

/** The cells of all rows, one row behind the other. Logarithms. */
interface Table {
  readonly bands: readonly Band[];
  readonly lateBands: readonly Band[];
  /** Where each row's cells begin. */
  readonly starts: readonly number[];
  /** Of pairing, over leaving both sides alone. */
  readonly gains: Float64Array;
  /** Of all alignments of the rows above with the columns to the left, as they count for a pair of this cell. */
  readonly before: Float64Array;
  readonly total: number;
}

/**
 * Sums are kept as logarithms: over a few hundred equal errors they span more than a double can hold. Weights are relative to leaving everything out,
 * so leaving out costs nothing and alignments of no rows or no columns weigh 1.
 */
export function align(problem: AlignmentProblem): Alignment {
  const { bands, lateBands, starts, gains, before, total } = forwardSums(problem);
  const pairs = new Array<readonly AlignedPair[]>(problem.rows).fill([]);
  const rowShares = new Float64Array(problem.rows);
  const columnShares = new Float64Array(problem.columns);
  // Weight of all alignments of the rows below with the columns from here on; flat left of the lowest band so far.
  const after = new Float64Array(problem.columns + 1);
  let filledFrom = problem.columns;
  // Of those that begin with a late pair: by late column, for the rows behind one border.
  let late = NO_BAND;
  let lateStarts = new Float64Array(0);
  const named = new LikeliestPairs();
  for (let row = bands.length - 1; row >= 0; row--) {
    const band = bands[row] ?? NO_BAND;
    const start = (starts[row] ?? 0) - band.from;
    after.fill(after[filledFrom] ?? 0, Math.min(band.from, filledFrom), filledFrom);
    filledFrom = Math.min(band.from, filledFrom);
    if (lateBands[row] !== late) {
      late = lateBands[row] ?? NO_BAND;
      lateStarts = new Float64Array(late.to - late.from).fill(IMPOSSIBLE);
    }
    let lateNext = lateStarts[band.to - late.from] ?? IMPOSSIBLE;
    let latePaired = IMPOSSIBLE;
    let afterNext = after[band.to] ?? 0;
    let pairedFromHere = IMPOSSIBLE;
    let rowShare = 0;
    for (let column = band.to - 1; column >= band.from; column--) {
      let paired = (gains[start + column] ?? 0) + afterNext;
      if (column >= late.from && column < late.to) {
        paired = (gains[start + column] ?? 0) + logOfSum(afterNext, RUN + lateNext);
        latePaired = logOfSum(latePaired, paired);
        lateNext = lateStarts[column - late.from] ?? IMPOSSIBLE;
        lateStarts[column - late.from] = logOfSum(lateNext, latePaired);
      }
      const logOfShare = (before[start + column] ?? 0) + paired - total;
      if (logOfShare > UNSEEN) {
        const probability = Math.exp(logOfShare);
        rowShare += probability;
        columnShares[column] = (columnShares[column] ?? 0) + probability;
        if (probability >= MIN_PROBABILITY) named.offer(column, probability);
      }
      pairedFromHere = logOfSum(pairedFromHere, paired);
      afterNext = after[column] ?? 0;
      after[column] = logOfSum(afterNext, pairedFromHere);
    }
    for (let column = late.from; column < Math.min(band.from, late.to); column++)
      lateStarts[column - late.from] = logOfSum(lateStarts[column - late.from] ?? IMPOSSIBLE, latePaired);
    rowShares[row] = rowShare;
    pairs[row] = named.taken();
  }
  return { pairs, rowShares, columnShares };
}

/** Of all alignments together, over leaving everything out, a logarithm: how well rows and columns fit. */
export function weightOf(problem: AlignmentProblem): number {
  return forwardSums(problem).total;
}

/** The likeliest few of a row, likeliest first and equals by column, kept without sorting all: a crowd's rows have many that are nearly equal. */
class LikeliestPairs {
  readonly #columns = new Int32Array(MAX_PAIRS);
  readonly #probabilities = new Float64Array(MAX_PAIRS);
  #count = 0;

  /** Columns come from the right. */
  offer(column: number, probability: number): void {
    const probabilities = this.#probabilities;
    const columns = this.#columns;
    if (this.#count === MAX_PAIRS) {
      if ((probabilities[MAX_PAIRS - 1] ?? 0) > probability) return;
      this.#count -= 1;
    }
    let place = this.#count;
    for (; place > 0 && (probabilities[place - 1] ?? 0) <= probability; place--) {
      probabilities[place] = probabilities[place - 1] ?? 0;
      columns[place] = columns[place - 1] ?? 0;
    }
    probabilities[place] = probability;
    columns[place] = column;
    this.#count += 1;
  }

  /** Those of the row that is done; the next one begins. */
  taken(): AlignedPair[] {
    const pairs: AlignedPair[] = [];
    for (let at = 0; at < this.#count; at++)
      pairs.push({ column: this.#columns[at] ?? 0, probability: this.#probabilities[at] ?? 0 });
    this.#count = 0;
    return pairs;
  }
}

function forwardSums(problem: AlignmentProblem): Table {
  const skipColumns = Float64Array.from({ length: problem.columns }, (_, column) =>
    Math.log(problem.skipColumn(column)),
  );
  const bands = narrowBands(problem);
  const lateBands = bands.map((_, row) => problem.late?.(row) ?? NO_BAND);
  const starts: number[] = [];
  let cells = 0;
  for (const { from, to } of bands) {
    starts.push(cells);
    cells += to - from;
  }
  const gains = new Float64Array(cells);
  const before = new Float64Array(cells);
  // Weight of all alignments of the rows so far with the columns up to here; flat right of the highest band so far.
  const sums = new Float64Array(problem.columns + 1);
  let filledTo = 0;
  // Of those that end with a late pair: by late column, for the rows behind one border.
  let late = NO_BAND;
  let lateEnds = new Float64Array(0);
  // Most cells of a crowd are alike, and a logarithm costs more than to see that.
  let likelihood = 1;
  let logOfLikelihood = 0;
  for (const [row, band] of bands.entries()) {
    sums.fill(sums[filledTo] ?? 0, filledTo, Math.max(band.to, filledTo) + 1);
    filledTo = Math.max(band.to, filledTo);
    const skipRow = Math.log(problem.skipRow(row));
    const start = (starts[row] ?? 0) - band.from;
    if (lateBands[row] !== late) {
      late = lateBands[row] ?? NO_BAND;
      lateEnds = new Float64Array(late.to - late.from).fill(IMPOSSIBLE);
    }
    let latePaired = IMPOSSIBLE;
    let pairedUpToHere = IMPOSSIBLE;
    for (let column = band.from; column < band.to; column++) {
      const reached = sums[column] ?? 0;
      const ofCell = problem.pair(row, column);
      if (ofCell !== likelihood) {
        likelihood = ofCell;
        logOfLikelihood = Math.log(ofCell);
      }
      const gain = logOfLikelihood - skipRow - (skipColumns[column] ?? 0);
      let weight = reached;
      if (column >= late.from && column < late.to) {
        const ends = lateEnds[column - late.from] ?? IMPOSSIBLE;
        weight = logOfSum(reached, RUN + ends);
        lateEnds[column - late.from] = logOfSum(ends, latePaired);
        latePaired = logOfSum(latePaired, weight + gain);
      }
      gains[start + column] = gain;
      before[start + column] = weight;
      sums[column] = logOfSum(reached, pairedUpToHere);
      pairedUpToHere = logOfSum(pairedUpToHere, weight + gain);
    }
    for (let column = Math.max(band.to, late.from); column < late.to; column++)
      lateEnds[column - late.from] = logOfSum(lateEnds[column - late.from] ?? IMPOSSIBLE, latePaired);
    sums[band.to] = logOfSum(sums[band.to] ?? 0, pairedUpToHere);
  }
  return { bands, lateBands, starts, gains, before, total: sums[filledTo] ?? 0 };
}

/** A share whose logarithm is below this is less than 1e-11: hundreds of them change no printed digit. Most cells of a band are such. */
const UNSEEN = -25.4;
const NO_BAND: Band = { from: 0, to: 0 };
