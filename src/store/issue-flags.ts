import type { IssueFlag } from '../domain.ts';

export const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;

/** Fewer than this in an hour is no escalation, whatever was usual. */
const ESCALATING_MIN = 10;
/** So many times the usual. */
const ESCALATING_RATIO = 5;

interface FlagFacts {
  readonly firstUs: number | null;
  readonly isRegressed: boolean;
  /** The last day at least, oldest first. */
  readonly hourly: readonly { readonly us: number; readonly count: number }[];
  readonly nowMs: number;
}

/** What deserves an operator's eye in an issue, as of now. */
export function flagsOf({ firstUs, isRegressed, hourly, nowMs }: FlagFacts): readonly IssueFlag[] {
  const nowUs = nowMs * 1000;
  const flags: IssueFlag[] = [];
  if (firstUs !== null && nowUs - firstUs < DAY_US) flags.push('new');
  if (isRegressed) flags.push('regressed');
  if (firstUs !== null && isEscalating(hourly, firstUs, nowUs)) flags.push('escalating');
  return flags;
}

/** Compares this hour (and the one before, while this one is young) with the mean of the day before it; a day that was not lived through counts from the first failure on. */
function isEscalating(hourly: FlagFacts['hourly'], firstUs: number, nowUs: number): boolean {
  const thisHourUs = Math.floor(nowUs / HOUR_US) * HOUR_US;
  const recent = Math.max(...[thisHourUs, thisHourUs - HOUR_US].map((us) => countAt(hourly, us)));
  const beforeUs = thisHourUs - HOUR_US;
  const livedHours = Math.min(24, Math.floor((beforeUs - firstUs) / HOUR_US));
  if (livedHours < 1) return false;
  const before = hourly.filter(({ us }) => us >= beforeUs - DAY_US && us < beforeUs);
  const mean = before.reduce((sum, { count }) => sum + count, 0) / livedHours;
  return recent >= ESCALATING_MIN && recent >= ESCALATING_RATIO * mean;
}

function countAt(hourly: FlagFacts['hourly'], hourUs: number): number {
  return hourly.find(({ us }) => us === hourUs)?.count ?? 0;
}
