import type { AlignmentProblem } from '../matching/align.ts';
import { bandByTime } from '../matching/band.ts';
import { widthOf, type DelayModel } from '../timing/delay.ts';
import type { Timed } from '../timing/interval.ts';

/** A 500 that denokv logged nearly always passes the proxy; one that it did not log is rare, and so many a second. */
export const BYPASSES_PROXY = 0.01;
export const UNLOGGED_PER_SECOND = 0.01;
const TIMELESS = 0.5;
/** No answer is logged earlier, but by a clock that is off. */
const EARLY_US = 50_000;
const LATE_US = 3_000_000;

/** Failures and the answers that they were given, in order of time, as one alignment: by their times alone. */
export function answerAlignment(
  failures: readonly Timed[],
  answers: readonly Timed[],
  delay: DelayModel,
  lateUs = LATE_US,
): AlignmentProblem {
  return {
    rows: failures.length,
    columns: answers.length,
    pair: (row, column) => {
      const failed = failures[row]?.interval;
      const answered = answers[column]?.interval;
      return failed == null || answered == null ? TIMELESS : delay(failed, answered);
    },
    skipRow: () => BYPASSES_PROXY,
    skipColumn: (column) => {
      const answered = answers[column]?.interval;
      return answered == null ? UNLOGGED_PER_SECOND : (UNLOGGED_PER_SECOND * widthOf(answered)) / 1_000_000;
    },
    band: bandByTime(failures, answers, { before: EARLY_US, after: lateUs }),
  };
}
