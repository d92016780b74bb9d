import type { EventRow, LogEvent, PostgresEvent } from '../domain.ts';
import { assertNever } from '../errors.ts';
import { formatUtc } from '../time/rfc3339.ts';

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

/** One event as `whyd parse --json` and the API give it. */
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

/** What an event says, whatever its kind. */
export function ownFields(event: LogEvent): OwnFields {
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
