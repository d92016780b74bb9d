import type { EventRow, LogEvent, PostgresEvent } from '../domain.ts';
import { ownFields } from '../query/event-row.ts';
import { formatUtc } from '../time/rfc3339.ts';

type LineFields = Pick<EventRow, 'severity' | 'pid' | 'sqlstate' | 'message' | 'detail' | 'statement'>;

/** One event for people: time, place, severity, pid, SQLSTATE, message. Raw log text: to be escaped, and folded to one line. */
export function lineOfEvent(event: LogEvent): string {
  const { at, citation, kind } = event;
  const { severity, pid, sqlstate, message, statement } = lineFields(event);
  const detail = lineDetail(event);
  let line = `${at === null ? '-' : formatUtc(at.us)} ${citation.file}:${String(citation.line)} ${kind}`;
  if (severity !== null) line += ` ${severity}`;
  if (pid !== null) line += ` [${String(pid)}]`;
  if (sqlstate !== null) line += ` ${sqlstate}`;
  if (message !== null) line += ` ${message}`;
  if (detail !== null) line += ` DETAIL: ${detail}`;
  if (statement !== null) line += ` STATEMENT: ${statement}`;
  return line;
}

/** What an event's line says of it beside its time and place. */
export function lineFields(event: LogEvent): LineFields {
  return isPostgres(event) ? event : ownFields(event);
}

/** denokv's own text holds the detail already. */
export function lineDetail(event: LogEvent): string | null {
  return event.format === 'denokv' ? null : lineFields(event).detail;
}

function isPostgres(event: LogEvent): event is PostgresEvent {
  return event.kind === 'postgres_error' || event.kind === 'postgres_context' || event.kind === 'postgres_statement';
}
