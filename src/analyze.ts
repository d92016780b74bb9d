import type { DenokvErrorEvent, DenokvNoteEvent, Incident, LogEvent, PostgresContextEvent, PostgresErrorEvent, SourceStatus, Verdict } from './domain.ts';
import { EXIT, WhydError } from './errors.ts';
import { correlate } from './correlate/correlate.ts';
import { parseLogs, type ParseOptions } from './parse.ts';

export interface AnalyzeOptions {
  /** IANA name or offset for logs whose own zone is wrong or missing; null to trust what they print. */
  readonly timezone: string | null;
  /** `log_line_prefix`; null to find it out. */
  readonly linePrefix: string | null;
  /** Only failures in [sinceUs, untilUs); the whole files are read all the same. */
  readonly sinceUs: number | null;
  readonly untilUs: number | null;
  readonly onProgress?: ParseOptions['onProgress'];
}

export interface AnalyzeResult {
  readonly verdicts: readonly Verdict[];
  readonly incidents: readonly Incident[];
  readonly sources: readonly SourceStatus[];
  /** What a reader must be told about the input: files not understood, logs that lack. */
  readonly findings: readonly string[];
}

/** Reads whole logs and explains every failure in them. Leaves nothing behind. */
export async function analyze(paths: readonly string[], options: AnalyzeOptions): Promise<AnalyzeResult> {
  const denokv: (DenokvErrorEvent | DenokvNoteEvent)[] = [];
  const postgres: (PostgresErrorEvent | PostgresContextEvent)[] = [];
  const logs = await parseLogs(paths, {
    ...options,
    keepStatements: false,
    onEvents: (events) => {
      for (const event of events) sort(event, denokv, postgres);
    },
  });
  const sources = logs.map(({ status }) => status);
  const has = (kind: string): boolean => sources.some(({ detection }) => detection?.kind === kind);
  const findings = [...logs.flatMap(({ finding }) => finding ?? []), ...missing(has('denokv'), has('postgres'))];
  if (!has('denokv') && !has('postgres')) {
    throw new WhydError('input.no_log', `no log among the files given: ${findings.join('; ')}`, { hint: 'name a denokv log and the Postgres log of the same time', exitCode: EXIT.failure });
  }
  const whole = { gaps: [], completeUntilUs: null };
  const { verdicts, incidents } = correlate({ denokv, postgres, coverage: { denokv: has('denokv') ? whole : null, postgres: has('postgres') ? whole : null } });
  return { verdicts: verdicts.filter((verdict) => within(verdict, options)), incidents, sources, findings };
}

function sort(event: LogEvent, denokv: (DenokvErrorEvent | DenokvNoteEvent)[], postgres: (PostgresErrorEvent | PostgresContextEvent)[]): void {
  if (event.kind === 'denokv_error' || event.kind === 'denokv_note') denokv.push(event);
  else if (event.kind === 'postgres_error' || event.kind === 'postgres_context') postgres.push(event);
}

function missing(hasDenokv: boolean, hasPostgres: boolean): string[] {
  if (hasDenokv && !hasPostgres) return ['no Postgres log was given: causes come from the words of denokv alone, and no line of Postgres can be cited'];
  if (hasPostgres && !hasDenokv) return ['no denokv log was given: nothing tells which requests failed'];
  return [];
}

function within(verdict: Verdict, { sinceUs, untilUs }: AnalyzeOptions): boolean {
  if (verdict.at === null) return true;
  const us = Date.parse(verdict.at) * 1000;
  return (sinceUs === null || us >= sinceUs) && (untilUs === null || us < untilUs);
}
