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

/** The first failure of each issue, and how many more of it follow. */
export function firstOfIssues<Failure extends { readonly issue: string }>(
  failures: readonly Failure[],
): readonly { readonly first: Failure; readonly same: number }[] {
  const groups = new Map<string, { readonly first: Failure; same: number }>();
  for (const failure of failures) {
    const known = groups.get(failure.issue);
    if (known === undefined) groups.set(failure.issue, { first: failure, same: 0 });
    else known.same += 1;
  }
  return [...groups.values()];
}

/** What was found by no time, newest first. */
export function foundAmong(verdicts: readonly Verdict[]): readonly Found[] {
  return firstOfIssues(verdicts).map(({ first, same }) => ({ verdict: first, distanceMs: null, same }));
}
