import { realpath } from 'node:fs/promises';
import type {
  DenokvErrorEvent,
  DenokvIdentity,
  DenokvNoteEvent,
  Dropped,
  Incident,
  LogEvent,
  PostgresContextEvent,
  PostgresErrorEvent,
  ProxyResponseEvent,
  SourceStatus,
  Verdict,
} from './domain.ts';
import { EXIT, WhydError } from './errors.ts';
import { correlate } from './correlate/correlate.ts';
import { STDIN } from './log-files.ts';
import { describeOverlaps } from './overlapping-logs.ts';
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
  /** Requests that got no answer: told apart, and no failures. */
  readonly dropped: readonly Dropped[];
  readonly sources: readonly SourceStatus[];
  /** What a reader must be told about the input: files not understood, given twice, cut short, logs of two servers. */
  readonly findings: readonly string[];
  /** What denokv said at its start that it runs on; null when its log does not tell. */
  readonly backend: DenokvIdentity['backend'] | null;
}

interface JoinerInput {
  readonly denokv: (DenokvErrorEvent | DenokvNoteEvent)[];
  readonly postgres: (PostgresErrorEvent | PostgresContextEvent)[];
  readonly proxy: ProxyResponseEvent[];
}

/** Reads whole logs and explains every failure in them. Leaves nothing behind. Throws WhydError `input.*`. */
export async function analyze(paths: readonly string[], options: AnalyzeOptions): Promise<AnalyzeResult> {
  const { unique, repeated } = await withoutRepeats(paths);
  const input: JoinerInput = { denokv: [], postgres: [], proxy: [] };
  const logs = await parseLogs(unique, {
    ...options,
    keepStatements: false,
    onEvents: (events) => {
      for (const event of events) keep(event, input);
    },
  });
  const sources = logs.map(({ status }) => status);
  const findings = [...logs.flatMap(({ finding }) => finding ?? []), ...repeated, ...describeOverlaps(input.denokv)];
  requireLog(sources, findings);
  // The kernel's log tells of Postgres, but holds no error of its sessions.
  const has = (kind: string): boolean =>
    sources.some(({ detection }) => detection?.kind === kind && detection.format !== 'kernel');
  const whole = { gaps: [], completeUntilUs: null };
  const { verdicts, incidents, dropped, identity } = correlate({
    ...input,
    coverage: { denokv: has('denokv') ? whole : null, postgres: has('postgres') ? whole : null },
  });
  return {
    verdicts: verdicts.filter((verdict) => within(verdict, options)),
    incidents: incidents.filter((incident) => overlaps(incident, options)),
    dropped: dropped.filter((one) => within(one, options)),
    sources,
    findings,
    backend: identity.backend,
  };
}

/** Throws WhydError `input.no_log` when none of the files is a log that whyd knows: an empty answer would look like good news. */
export function requireLog(sources: readonly SourceStatus[], findings: readonly string[]): void {
  if (sources.some(({ detection }) => detection !== null)) return;
  throw new WhydError('input.no_log', `no log among the files given: ${findings.join('; ')}`, {
    hint: 'Name a denokv log and the Postgres log of the same time.',
    exitCode: EXIT.failure,
  });
}

/** `whyd analyze denokv.log *.log` names a file twice; read twice, each of its failures would count twice. */
async function withoutRepeats(
  paths: readonly string[],
): Promise<{ readonly unique: readonly string[]; readonly repeated: readonly string[] }> {
  const seen = new Set<string>();
  const unique: string[] = [];
  const repeated: string[] = [];
  for (const path of paths) {
    // A path that leads nowhere is reported by who opens it.
    const real = path === STDIN ? STDIN : await realpath(path).catch(() => path);
    if (seen.has(real)) repeated.push(`${path} was given more than once, and is read once`);
    else unique.push(path);
    seen.add(real);
  }
  return { unique, repeated };
}

function keep(event: LogEvent, { denokv, postgres, proxy }: JoinerInput): void {
  if (event.kind === 'denokv_error' || event.kind === 'denokv_note') denokv.push(event);
  else if (event.kind === 'postgres_error' || event.kind === 'postgres_context') postgres.push(event);
  // A proxy logs every request; only its failures are kept.
  else if (event.kind === 'proxy_response' && event.status >= 500) proxy.push(event);
}

function within({ at }: Pick<Verdict, 'at'>, { sinceUs, untilUs }: AnalyzeOptions): boolean {
  if (at === null) return true;
  const us = Date.parse(at) * 1000;
  return (sinceUs === null || us >= sinceUs) && (untilUs === null || us < untilUs);
}

function overlaps({ startUs, endUs }: Incident, { sinceUs, untilUs }: AnalyzeOptions): boolean {
  return (sinceUs === null || endUs === null || endUs >= sinceUs) && (untilUs === null || startUs < untilUs);
}
