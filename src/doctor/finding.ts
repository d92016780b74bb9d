/**
 * How a check came out. `problem`: answers, or denokv itself, suffer from it now; `advice`: answers would be surer;
 * `unseen`: it could not be looked at, which is not the same as all being well.
 */
export type Result = 'ok' | 'problem' | 'advice' | 'unseen';

/** What one check found. */
export interface Finding {
  /** Stable, for scripts: `postgres.log_line_prefix`. */
  readonly check: string;
  readonly result: Result;
  /** One sentence, with the value that was found. */
  readonly says: string;
  /** What it means for whyd's answers or for denokv; null where all is well. */
  readonly why: string | null;
  /** Exact lines: settings, SQL or commands; a line that begins with # says what no line can. */
  readonly change: readonly string[];
}

export interface Complaint {
  readonly says: string;
  readonly why: string;
  readonly change: readonly string[];
}

export function ok(check: string, says: string): Finding {
  return { check, result: 'ok', says, why: null, change: [] };
}

export function problem(check: string, complaint: Complaint): Finding {
  return { check, result: 'problem', ...complaint };
}

export function advice(check: string, complaint: Complaint): Finding {
  return { check, result: 'advice', ...complaint };
}

export function unseen(check: string, says: string, change: readonly string[] = []): Finding {
  return { check, result: 'unseen', says, why: 'nothing is known of it, good or bad', change };
}

/** `1 line`, `2 lines`. */
export function counted(count: number, one: string): string {
  return `${String(count)} ${one}${count === 1 ? '' : 's'}`;
}

/** `a, b and 3 more`. */
export function listed(items: readonly string[], limit = 5): string {
  const shown = items.slice(0, limit).join(', ');
  return items.length > limit ? `${shown} and ${String(items.length - limit)} more` : shown;
}
