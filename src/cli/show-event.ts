import type { LogEvent, PostgresEvent } from '../domain.ts';
import { ownFields } from '../query/event-row.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** One event for people: time, place, severity, pid, SQLSTATE, message. Raw log text: to be escaped, and folded to one line. */
export function lineOfEvent(event: LogEvent): string {
  const { line, statement } = partsOfEvent(event);
  return statement === null ? line : `${line} ${statement}`;
}

/** The line up to the statement, and that: the same few come again and again. */
export function partsOfEvent(event: LogEvent): { readonly line: string; readonly statement: string | null } {
  const { at, citation, kind, format } = event;
  const { severity, pid, sqlstate, message, detail, statement } = isPostgres(event) ? event : ownFields(event);
  let line = `${at === null ? '-' : formatUtc(at.us)} ${citation.file}:${String(citation.line)} ${kind}`;
  if (severity !== null) line += ` ${severity}`;
  if (pid !== null) line += ` [${String(pid)}]`;
  if (sqlstate !== null) line += ` ${sqlstate}`;
  if (message !== null) line += ` ${message}`;
  // denokv's own text holds the detail already.
  if (detail !== null && format !== 'denokv') line += ` DETAIL: ${detail}`;
  if (statement !== null) line += ' STATEMENT:';
  return { line, statement };
}

function isPostgres(event: LogEvent): event is PostgresEvent {
  return event.kind === 'postgres_error' || event.kind === 'postgres_context' || event.kind === 'postgres_statement';
}
