import { formatUtc } from '../time/rfc3339.ts';
import type { LogEvent, PostgresEvent } from '../domain.ts';
import { assertNever } from '../errors.ts';

/** One event as `whyd parse --json` gives it: the fields of the contract, absent ones null. */
export interface EventRow {
  readonly file: string;
  readonly line: number;
  readonly lines: number;
  readonly format: string;
  readonly kind: string;
  readonly at: string | null;
  readonly atPrecision: string | null;
  readonly severity: string | null;
  readonly pid: number | null;
  readonly session: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
  readonly client: string | null;
  readonly sqlstate: string | null;
  readonly message: string | null;
  readonly detail: string | null;
  readonly hint: string | null;
  readonly context: string | null;
  readonly statement: string | null;
  readonly durationMs: number | null;
}

type OwnFields = Omit<EventRow, 'file' | 'line' | 'lines' | 'format' | 'kind' | 'at' | 'atPrecision'>;

const NOTHING: OwnFields = {
  severity: null,
  pid: null,
  session: null,
  user: null,
  database: null,
  application: null,
  client: null,
  sqlstate: null,
  message: null,
  detail: null,
  hint: null,
  context: null,
  statement: null,
  durationMs: null,
};

export function toEventRow(event: LogEvent): EventRow {
  const { citation, format, kind, at } = event;
  return {
    file: citation.file,
    line: citation.line,
    lines: citation.lines,
    format,
    kind,
    at: at === null ? null : formatUtc(at.us),
    atPrecision: at?.precision ?? null,
    ...ownFields(event),
  };
}

/** One event for people: time, place, severity, pid, SQLSTATE, message. Raw log text: to be escaped, and folded to one line. */
export function lineOfEvent(event: LogEvent): string {
  const { at, citation, kind, format } = event;
  const { severity, pid, sqlstate, message, detail, statement } = isPostgres(event) ? event : ownFields(event);
  let line = `${at === null ? '-' : formatUtc(at.us)} ${citation.file}:${String(citation.line)} ${kind}`;
  if (severity !== null) line += ` ${severity}`;
  if (pid !== null) line += ` [${String(pid)}]`;
  if (sqlstate !== null) line += ` ${sqlstate}`;
  if (message !== null) line += ` ${message}`;
  // denokv's own text holds the detail already.
  if (detail !== null && format !== 'denokv') line += ` DETAIL: ${detail}`;
  if (statement !== null) line += ` STATEMENT: ${statement}`;
  return line;
}

function isPostgres(event: LogEvent): event is PostgresEvent {
  return event.kind === 'postgres_error' || event.kind === 'postgres_context' || event.kind === 'postgres_statement';
}

function ownFields(event: LogEvent): OwnFields {
  switch (event.kind) {
    case 'denokv_error': {
      const server = event.body.kind === 'server' ? event.body.error : null;
      return {
        ...NOTHING,
        severity: 'ERROR',
        message: event.text,
        detail: server?.detail ?? null,
        hint: server?.hint ?? null,
      };
    }
    case 'denokv_note':
      return { ...NOTHING, severity: event.severity, message: event.text };
    case 'postgres_error':
    case 'postgres_context':
    case 'postgres_statement':
      return postgresFields(event);
    case 'proxy_response': {
      const { method, path, status, client, durationMs } = event;
      return { ...NOTHING, message: `${method ?? '-'} ${path ?? '-'} ${String(status)}`, client, durationMs };
    }
    case 'gap':
      return { ...NOTHING, message: event.reason };
    default:
      return assertNever(event);
  }
}

function postgresFields(event: PostgresEvent): OwnFields {
  const { severity, pid, session, user, database, application, client, sqlstate } = event;
  const { message, detail, hint, context, statement, durationMs } = event;
  return {
    severity,
    pid,
    session,
    user,
    database,
    application,
    client,
    sqlstate,
    message,
    detail,
    hint,
    context,
    statement,
    durationMs,
  };
}
