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

/** Groups failures by cause, most frequent first. */
export function groupByCause(verdicts: readonly Verdict[]): readonly CauseGroup[] {
  const byCause = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const group = byCause.get(verdict.cause.id);
    if (group === undefined) byCause.set(verdict.cause.id, [verdict]);
    else group.push(verdict);
  }
  return [...byCause]
    .flatMap(([cause, group]) => toGroup(cause, group, verdicts.length))
    .sort((one, other) => other.count - one.count || (one.cause < other.cause ? -1 : 1));
}

/** First and last time of some failures, ISO 8601; null when none has a time. */
export function timeRange(verdicts: readonly Verdict[]): { readonly first: string; readonly last: string } | null {
  let range: { first: string; last: string } | null = null;
  for (const { at } of verdicts) {
    if (at === null) continue;
    range ??= { first: at, last: at };
    if (at < range.first) range.first = at;
    if (at > range.last) range.last = at;
  }
  return range;
}

function toGroup(cause: string, group: readonly Verdict[], total: number): readonly CauseGroup[] {
  const [example] = [...group].sort((one, other) => telling(other) - telling(one));
  if (example === undefined) return [];
  const range = timeRange(group);
  const certainties = new Map<Certainty, number>();
  for (const verdict of group) {
    const { certainty } = verdict.cause;
    certainties.set(certainty, (certainties.get(certainty) ?? 0) + 1);
  }
  return [
    {
      cause,
      count: group.length,
      share: group.length / total,
      firstAt: range?.first ?? null,
      lastAt: range?.last ?? null,
      sqlstates: [...new Set(group.flatMap((verdict) => verdict.cause.sqlstate ?? []))].sort(),
      certainties,
      example,
    },
  ];
}

/** A joined line says more than a sure cause without one, a root more still. */
function telling(verdict: Verdict): number {
  const line = verdict.postgres === null ? 0 : 2 * verdict.postgres.confidence;
  return line + (verdict.root === null ? 0 : 1) + verdict.cause.confidence;
}
