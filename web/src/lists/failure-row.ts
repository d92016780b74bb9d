import type { Certainty, TimePrecision, Verdict } from '../../../src/domain.ts';

/** What a list shows of a failure: ten thousand whole verdicts would be a heavy page. */
export interface FailureRow {
  readonly id: string;
  readonly at: string | null;
  readonly atPrecision: TimePrecision | null;
  readonly operation: string | null;
  readonly cause: string;
  readonly category: string;
  readonly certainty: Certainty;
  readonly summary: string;
  readonly place: string;
  readonly isSettled: boolean;
}

const SUMMARY_LENGTH = 300;

export function failureRow(verdict: Verdict): FailureRow {
  const { id, at, atPrecision, operation, cause, postgres, symptom, coverage } = verdict;
  const { file, line } = postgres ?? symptom;
  return {
    id,
    at,
    atPrecision,
    operation,
    cause: cause.id,
    category: cause.category,
    certainty: cause.certainty,
    summary: cause.summary.slice(0, SUMMARY_LENGTH),
    place: `${file}:${line}`,
    isSettled: coverage.settled,
  };
}

/** True for what the stream's `failure` and `verdict.revised` carry. */
export function isVerdict(data: unknown): data is Verdict {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'failure' && 'symptom' in data;
}
