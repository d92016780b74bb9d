import type { Citation, Instant, LogFormat, PostgresEvent, PostgresSession, Severity } from '../../domain.ts';
import { AT_CHARACTER, UNKNOWN_WORDS } from './labels.ts';

/** The parts of one server log entry, before it is known what the entry means. */
export interface EntryParts extends PostgresSession {
  readonly at: Instant | null;
  readonly severity: Severity;
  readonly sqlstate: string | null;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly context: string | null;
  readonly statement: string | null;
}

/** A duration at or above this makes a statement's entry evidence; below it is noise that some settings print for every statement. */
export const SLOW_STATEMENT_MS = 500;

const ERROR_SEVERITIES: ReadonlySet<Severity> = new Set<Severity>(['ERROR', 'FATAL', 'PANIC']);
const DURATION = /^duration: (\d+\.\d+) ms/;
const NOISE = /^(?:statement: |execute |duration: |parse |bind |AUDIT: )/;

export function isErrorSeverity(severity: Severity): boolean {
  return ERROR_SEVERITIES.has(severity);
}

/** Says what an entry means: an error, context that may explain one, or statement noise. */
export function eventOfEntry(parts: EntryParts, format: LogFormat, citation: Citation): PostgresEvent {
  const duration = DURATION.exec(parts.message);
  const durationMs = duration === null ? null : Number(duration[1]);
  const base = {
    at: parts.at,
    citation,
    format,
    pid: parts.pid,
    session: parts.session,
    user: parts.user,
    database: parts.database,
    application: parts.application,
    client: parts.client,
    backendType: parts.backendType,
    severity: parts.severity,
    sqlstate: parts.sqlstate,
    message: parts.message.replace(AT_CHARACTER, ''),
    detail: parts.detail,
    hint: parts.hint,
    context: parts.context,
    statement: parts.statement,
    durationMs,
  };
  if (isErrorSeverity(parts.severity)) return { kind: 'postgres_error', ...base };
  return { kind: isStatementNoise(parts.message, durationMs) ? 'postgres_statement' : 'postgres_context', ...base };
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

function isStatementNoise(message: string, durationMs: number | null): boolean {
  if (durationMs !== null) return durationMs < SLOW_STATEMENT_MS;
  return NOISE.test(message);
}
