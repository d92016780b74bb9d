import type { Verdict } from '../domain.ts';

/** One request that failed: its newest try, and how often it was sent. */
export interface FailedRequest {
  readonly verdict: Verdict;
  /** At least: tries that a filter leaves out, or that come later, are not seen. */
  readonly tries: number;
}

/** Folds pages of failures, newest first, into requests: a try whose later one was shown already is left out, on this page and on those after it. */
export function retryFolder(): (page: readonly Verdict[]) => readonly FailedRequest[] {
  const shown = new Set<string>();
  return (page) => {
    const tries = new Map<string, number>();
    for (const { episode } of page)
      if (episode !== undefined) tries.set(episode.id, Math.max(episode.attempt, tries.get(episode.id) ?? 0));
    return page.flatMap((verdict) => {
      const { episode } = verdict;
      if (episode === undefined) return [{ verdict, tries: 1 }];
      if (shown.has(episode.id)) return [];
      shown.add(episode.id);
      return [{ verdict, tries: tries.get(episode.id) ?? 1 }];
    });
  };
}
