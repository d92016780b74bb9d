import type { Citation, Instant, LogFormat, PostgresEvent, PostgresSession, Severity } from '../../domain.ts';
import type { ReaderContext } from '../format-reader.ts';
import { AT_CHARACTER, UNKNOWN_WORDS } from './labels.ts';
import { isNoiseAt } from './statement-noise.ts';

/** The parts of one server log entry, before it is known what the entry means. */
export interface EntryParts {
  readonly session: PostgresSession;
  readonly at: Instant | null;
  readonly severity: Severity;
  readonly sqlstate: string | null;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly context: string | null;
  readonly statement: string | null;
}

const ERROR_SEVERITIES: ReadonlySet<Severity> = new Set<Severity>(['ERROR', 'FATAL', 'PANIC']);
/** `duration: 563.213 ms  statement: SQL`, `... execute s1: SQL`; auto_explain writes its plan where the SQL would stand. */
const DURATION =
  /^(duration: (\d+\.\d+) ms)(?: {2}(?:statement|(?:parse|bind|execute(?: fetch from)?) [^:]*): ([^]*))?/;

export function isErrorSeverity(severity: Severity): boolean {
  return ERROR_SEVERITIES.has(severity);
}

/** Says what an entry means: an error, context that may explain one, or statement noise. */
export function eventOfEntry(parts: EntryParts, format: LogFormat, citation: Citation): PostgresEvent {
  const duration = parts.severity === 'LOG' ? DURATION.exec(parts.message) : null;
  const durationMs = duration === null ? null : Number(duration[2]);
  const timedSql = duration?.[3];
  const message = timedSql === undefined ? withoutPosition(parts.message) : (duration?.[1] ?? '');
  const kind = isErrorSeverity(parts.severity)
    ? 'postgres_error'
    : parts.severity === 'LOG' && isNoiseAt(parts.message, 0)
      ? 'postgres_statement'
      : 'postgres_context';
  // One literal, no spread: property by property costs more than all the rest of an entry.
  return {
    kind,
    at: parts.at,
    citation,
    format,
    pid: parts.session.pid,
    session: parts.session.session,
    user: parts.session.user,
    database: parts.session.database,
    application: parts.session.application,
    client: parts.session.client,
    backendType: parts.session.backendType,
    severity: parts.severity,
    sqlstate: parts.sqlstate,
    message,
    detail: parts.detail,
    hint: parts.hint,
    context: parts.context,
    statement: parts.statement ?? timedSql ?? null,
    durationMs,
  };
}

/** Hands an entry on; statement noise is counted unless it was asked for. */
export function emitEntry(context: ReaderContext, event: PostgresEvent): void {
  if (event.kind === 'postgres_statement' && !context.keepStatements) context.countStatement();
  else context.emit(event);
}

/** `[unknown]` and an empty field both mean that the session had not said. */
export function nameOrNull(value: string): string | null {
  return value === '' || UNKNOWN_WORDS.has(value) ? null : value;
}

/** The host of a connection's origin (`host(port)` of %r, `host:port` of csvlog): a port never tells two clients apart for us. */
export function hostOf(origin: string, portSeparator: '(' | ':'): string | null {
  const port = origin.lastIndexOf(portSeparator);
  return nameOrNull(port > 0 && !origin.endsWith(']') ? origin.slice(0, port) : origin);
}

/** Looked for only behind what can end it: the pattern tries a dozen languages at each place of a message. */
function withoutPosition(message: string): string {
  const last = message.charCodeAt(message.length - 1);
  return (last >= 48 && last <= 57) || last === 41 || last > 127 ? message.replace(AT_CHARACTER, '') : message;
}
