import type { Verdict } from '../domain.ts';
import { CauseSums } from './report-causes.ts';
import { GapSums } from './report-gaps.ts';
import { RetrySums } from './report-retries.ts';

/** All that a report says of failures, summed up as they come: a storm has more of them than memory should hold. */
export class VerdictSums {
  readonly causes = new CauseSums();
  readonly retries = new RetrySums();
  readonly gaps = new GapSums();

  /** Failures in order of time. */
  add(verdict: Verdict): void {
    this.causes.add(verdict);
    this.retries.add(verdict);
    this.gaps.add(verdict);
  }
}

export function sumOf(verdicts: readonly Verdict[]): VerdictSums {
  const sums = new VerdictSums();
  for (const verdict of verdicts) sums.add(verdict);
  return sums;
}
