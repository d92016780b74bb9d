import type { LogEvent, SourceKind, Timeline, TimelineEntry, TimelineRole, Verdict } from '../domain.ts';
import { assertNever } from '../errors.ts';
import { formatUtc, parseRfc3339 } from '../time/rfc3339.ts';

/** What a timeline asks of the index. */
export interface TimelineReader {
  /** Timed events of [sinceUs, untilUs) in their order, then untimed ones among them, at most `limit` of each. */
  eventsBetween(sinceUs: number, untilUs: number, limit: number): readonly LogEvent[];
}

const MAX_ENTRIES = 2000;
/** Within this bound the nearest are kept: a busy second alone may hold more. */
const MAX_READ = 20_000;
const MAX_TEXT_CHARS = 8000;

/**
 * Both logs around a failure in one sequence, each entry with its role. From so long before the earlier of symptom and entry to so long after the
 * later one.
 */
export function timelineOf(reader: TimelineReader, verdict: Verdict, windowUs: number): Timeline {
  const times = [verdict.at, verdict.postgres?.at ?? null].flatMap((at) =>
    at === null ? [] : [parseRfc3339(at)?.us ?? []].flat(),
  );
  if (times.length === 0) return { failureId: verdict.id, from: null, to: null, omitted: 0, entries: [] };
  const fromUs = Math.min(...times) - windowUs;
  const toUs = Math.max(...times) + windowUs;
  const events = sequence(reader.eventsBetween(fromUs, toUs + 1, MAX_READ));
  const roles = new Map(events.map((event) => [event, roleOf(event, verdict)] as const));
  const kept = nearest(events, roles, Math.max(...times));
  return {
    failureId: verdict.id,
    from: formatUtc(fromUs),
    to: formatUtc(toUs),
    omitted: events.length - kept.length,
    entries: kept.map((event) => entryOf(event, roles.get(event) ?? null)),
  };
}

/** An event without a time stands behind the one before it in its file. */
function sequence(events: readonly LogEvent[]): readonly LogEvent[] {
  const timed = events.filter(({ at }) => at !== null);
  const untimed = events.filter(({ at }) => at === null);
  const usOf = new Map<LogEvent, number>(timed.map((event) => [event, event.at?.us ?? 0]));
  for (const event of untimed) {
    const before = timed.findLast(
      ({ citation }) => citation.fileId === event.citation.fileId && citation.byteStart < event.citation.byteStart,
    );
    usOf.set(event, before?.at?.us ?? 0);
  }
  return [...events].sort(
    (a, b) =>
      (usOf.get(a) ?? 0) - (usOf.get(b) ?? 0) ||
      a.citation.fileId - b.citation.fileId ||
      a.citation.byteStart - b.citation.byteStart,
  );
}

/** What plays a part is kept whatever lies between. */
function nearest(
  events: readonly LogEvent[],
  roles: ReadonlyMap<LogEvent, TimelineRole | null>,
  us: number,
): readonly LogEvent[] {
  if (events.length <= MAX_ENTRIES) return events;
  const ranked = [...events].sort(
    (a, b) =>
      Number(roles.get(a) === null) - Number(roles.get(b) === null) ||
      Math.abs((a.at?.us ?? us) - us) - Math.abs((b.at?.us ?? us) - us),
  );
  const kept = new Set(ranked.slice(0, MAX_ENTRIES));
  return events.filter((event) => kept.has(event));
}

function roleOf(event: LogEvent, verdict: Verdict): TimelineRole | null {
  const { file, line, byteStart } = event.citation;
  const { symptom, postgres, root, alternatives } = verdict;
  if (postgres?.file === file && postgres.byteStart === byteStart) return 'entry';
  if (symptom.file === file && symptom.byteStart === byteStart) return 'symptom';
  if (root?.file === file && root.line === line) return 'root';
  if (alternatives.some((other) => other.file === file && other.line === line)) return 'alternative';
  const isSession = 'pid' in event && event.pid !== null && event.pid === postgres?.pid;
  return isSession ? 'session' : null;
}

const SOURCE_OF_FORMAT: Readonly<Record<LogEvent['format'], SourceKind>> = {
  denokv: 'denokv',
  postgres_stderr: 'postgres',
  postgres_csv: 'postgres',
  postgres_json: 'postgres',
  kernel: 'postgres',
  proxy: 'proxy',
};

function entryOf(event: LogEvent, role: TimelineRole | null): TimelineEntry {
  const { at, citation, format, kind } = event;
  return {
    at: at === null ? null : formatUtc(at.us),
    atPrecision: at?.precision ?? null,
    source: SOURCE_OF_FORMAT[format],
    file: citation.file,
    line: citation.line,
    lines: citation.lines,
    kind,
    severity: 'severity' in event ? event.severity : kind === 'denokv_error' ? 'ERROR' : null,
    pid: 'pid' in event ? event.pid : null,
    sqlstate: 'sqlstate' in event ? event.sqlstate : null,
    text: textOf(event).slice(0, MAX_TEXT_CHARS),
    role,
  };
}

function textOf(event: LogEvent): string {
  switch (event.kind) {
    case 'denokv_error':
      return `Database error: ${event.text}`;
    case 'denokv_note':
      return event.text;
    case 'postgres_error':
    case 'postgres_context':
    case 'postgres_statement':
      return [
        `${event.severity}:  ${event.message}`,
        ...(event.detail === null ? [] : [`DETAIL:  ${event.detail}`]),
        ...(event.hint === null ? [] : [`HINT:  ${event.hint}`]),
        ...(event.context === null ? [] : [`CONTEXT:  ${event.context}`]),
        ...(event.statement === null ? [] : [`STATEMENT:  ${event.statement}`]),
      ].join('\n');
    case 'proxy_response':
      return `${event.method ?? '-'} ${event.path ?? '-'} ${String(event.status)}`;
    case 'gap':
      return event.reason;
    default:
      return assertNever(event);
  }
}
