import { realpath, stat } from 'node:fs/promises';
import type { DenokvIdentity, Dropped, Incident, SourceStatus, Verdict } from './domain.ts';
import { EXIT, WhydError } from './errors.ts';
import { joinLogs } from './offline/join-logs.ts';
import { LogBook } from './offline/log-book.ts';
import { STDIN } from './offline/log-files.ts';
import { oldestFirst } from './offline/oldest-first.ts';
import { describeOverlaps } from './offline/overlapping-logs.ts';
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
  /** Takes each verdict when it is made, in order of time; then the result holds none. */
  readonly onVerdict?: ((verdict: Verdict) => void) | undefined;
  /** More events than this are joined piece by piece. */
  readonly maxJoinedEvents?: number;
  /** Logs with more events than this are read twice. */
  readonly maxHeldEvents?: number;
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

/** What is held at most of the logs themselves: an event takes about 540 bytes, and to read the logs a second time a fifth of the analysis' time. */
const MAX_HELD_EVENTS = 240_000;
/** What is joined at one stroke. A piece is half of it: with the minutes before it, it takes about as much. */
const MAX_JOINED_EVENTS = 30_000;

/** Reads whole logs and explains every failure in them. Leaves nothing behind. Throws WhydError `input.*`. */
export async function analyze(paths: readonly string[], options: AnalyzeOptions): Promise<AnalyzeResult> {
  const { unique, repeated } = await withoutRepeats(paths);
  const { maxHeldEvents = MAX_HELD_EVENTS, maxJoinedEvents = MAX_JOINED_EVENTS } = options;
  const book = new LogBook((await areFiles(unique)) ? maxHeldEvents : Number.POSITIVE_INFINITY);
  const oldest = await oldestFirst(unique, { ...options, keepStatements: true });
  const logs = await parseLogs(oldest, {
    ...options,
    keepStatements: false,
    onEvents: (events) => {
      for (const event of events) book.add(event);
    },
    onRead: (log) => {
      book.close(log);
    },
  });
  const sources = logs.map(({ status }) => status);
  const findings = [...logs.flatMap(({ finding }) => finding ?? []), ...repeated, ...describeOverlaps(book.spans)];
  requireLog(sources, findings);
  // The kernel's log tells of Postgres, but holds no error of its sessions.
  const has = (kind: string): boolean =>
    sources.some(({ detection }) => detection?.kind === kind && detection.format !== 'kernel');
  const whole = { gaps: [], completeUntilUs: null };
  const coverage = { denokv: has('denokv') ? whole : null, postgres: has('postgres') ? whole : null };
  const verdicts: Verdict[] = [];
  const dropped: Dropped[] = [];
  const take = options.onVerdict ?? ((verdict) => verdicts.push(verdict));
  const { incidents, identity } = await joinLogs(book, coverage, { ...options, maxJoinedEvents }, (part) => {
    for (const { verdict, symptom } of part.failures) if (isAsked(symptom.at, options)) take(verdict());
    dropped.push(
      ...part.dropped.filter(({ at }) => isAsked(at === null ? null : { us: Date.parse(at) * 1000 }, options)),
    );
  });
  return {
    verdicts,
    incidents: incidents.filter((incident) => overlaps(incident, options)),
    dropped,
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
    if (seen.has(real))
      repeated.push(`${path === STDIN ? 'standard input' : path} was given more than once, and is read once`);
    else unique.push(path);
    seen.add(real);
  }
  return { unique, repeated };
}

/** What comes through a pipe comes once, and has to be held. */
async function areFiles(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const isFile =
      path !== STDIN &&
      (await stat(path).then(
        (found) => found.isFile(),
        () => true,
      ));
    if (!isFile) return false;
  }
  return true;
}

function isAsked(at: { readonly us: number } | null, { sinceUs, untilUs }: AnalyzeOptions): boolean {
  return at === null || ((sinceUs === null || at.us >= sinceUs) && (untilUs === null || at.us < untilUs));
}

function overlaps({ startUs, endUs }: Incident, { sinceUs, untilUs }: AnalyzeOptions): boolean {
  return (sinceUs === null || endUs === null || endUs >= sinceUs) && (untilUs === null || startUs < untilUs);
}
