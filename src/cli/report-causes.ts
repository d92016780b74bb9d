import type { Certainty, Verdict } from '../domain.ts';

/** The failures of one cause, as the report shows them. */
export interface CauseGroup {
  readonly cause: string;
  readonly count: number;
  /** Of all failures, 0 to 1. */
  readonly share: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly sqlstates: readonly string[];
  readonly certainties: ReadonlyMap<Certainty, number>;
  /** The failure that shows it best: surest cause, surest line, most evidence. */
  readonly example: Verdict;
}

interface Sum {
  count: number;
  range: TimeRange | null;
  readonly sqlstates: Set<string>;
  readonly certainties: Map<Certainty, number>;
  example: Verdict;
}

/** First and last of some times, ISO 8601. */
export interface TimeRange {
  readonly first: string;
  readonly last: string;
}

/** Failures by cause; of each cause one is kept, of the others what they add. */
export class CauseSums {
  readonly #byCause = new Map<string, Sum>();
  /** Null when none has a time. */
  range: TimeRange | null = null;
  count = 0;

  add(verdict: Verdict): void {
    const { cause, at } = verdict;
    this.count += 1;
    this.range = widened(this.range, at);
    let sum = this.#byCause.get(cause.id);
    if (sum === undefined) {
      sum = { count: 0, range: null, sqlstates: new Set(), certainties: new Map(), example: verdict };
      this.#byCause.set(cause.id, sum);
    }
    sum.count += 1;
    sum.range = widened(sum.range, at);
    if (cause.sqlstate !== null) sum.sqlstates.add(cause.sqlstate);
    sum.certainties.set(cause.certainty, (sum.certainties.get(cause.certainty) ?? 0) + 1);
    if (telling(verdict) > telling(sum.example)) sum.example = verdict;
  }

  /** Most frequent first. */
  get groups(): readonly CauseGroup[] {
    return [...this.#byCause]
      .map(([cause, { count, range, sqlstates, certainties, example }]) => ({
        cause,
        count,
        share: count / this.count,
        firstAt: range?.first ?? null,
        lastAt: range?.last ?? null,
        sqlstates: [...sqlstates].sort(),
        certainties,
        example,
      }))
      .sort((one, other) => other.count - one.count || (one.cause < other.cause ? -1 : 1));
  }
}

function widened(range: TimeRange | null, at: string | null): TimeRange | null {
  if (at === null) return range;
  if (range === null) return { first: at, last: at };
  if (at < range.first) return { ...range, first: at };
  return at > range.last ? { ...range, last: at } : range;
}

/** A joined line says more than a sure cause without one, a root more still. */
function telling(verdict: Verdict): number {
  const line = verdict.postgres === null ? 0 : 2 * verdict.postgres.confidence;
  return line + (verdict.root === null ? 0 : 1) + verdict.cause.confidence;
}
