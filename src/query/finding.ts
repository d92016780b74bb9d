import type { Moment } from '../time/parse-time.ts';
import type { Dropped, FailureGroup, GroupedFailures, Verdict, WhyMatch } from '../domain.ts';

/** What one reading of the question found: one failure for each issue, with how many more of it there are. */
export interface Finding {
  readonly how: WhyMatch['how'];
  readonly total: number;
  readonly found: readonly Found[];
  /** What else the same id names: attempts that got no answer. */
  readonly dropped?: readonly Dropped[];
  /** The time that was asked for, where it was one. */
  readonly moment?: Moment;
}

export interface Found {
  readonly verdict: Verdict;
  readonly distanceMs: number | null;
  readonly same: number;
}

/** The finding of grouped failures; null where nothing fits, so that the next reading may try. */
export function findingOf(how: WhyMatch['how'], { total, groups }: GroupedFailures): Finding | null {
  return total === 0 ? null : { how, total, found: groups.map(foundOf) };
}

function foundOf({ newest, count }: FailureGroup): Found {
  return { verdict: newest, distanceMs: null, same: count - 1 };
}

/** Groups failures by issue; the first of each stands for the others. */
export function groupByIssue(
  failures: readonly { readonly verdict: Verdict; readonly distanceMs: number | null }[],
): readonly Found[] {
  const groups = new Map<string, { verdict: Verdict; distanceMs: number | null; same: number }>();
  for (const { verdict, distanceMs } of failures) {
    const known = groups.get(verdict.issue);
    if (known === undefined) groups.set(verdict.issue, { verdict, distanceMs, same: 0 });
    else known.same += 1;
  }
  return [...groups.values()];
}
