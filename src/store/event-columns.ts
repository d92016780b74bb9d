import type { LogEvent, Severity } from '../domain.ts';
import { assertNever } from '../errors.ts';

/** What of an event is a column of its own, beside its JSON. */
export interface EventColumns {
  readonly severity: Severity | null;
  readonly sqlstate: string | null;
  readonly pid: number | null;
}

const NONE: EventColumns = { severity: null, sqlstate: null, pid: null };

export function columnsOf(event: LogEvent): EventColumns {
  switch (event.kind) {
    case 'postgres_error':
    case 'postgres_context':
    case 'postgres_statement':
      return { severity: event.severity, sqlstate: event.sqlstate, pid: event.pid };
    case 'denokv_error':
      return { ...NONE, severity: 'ERROR' };
    case 'denokv_note':
      return { ...NONE, severity: event.severity };
    case 'proxy_response':
    case 'gap':
      return NONE;
    default:
      return assertNever(event);
  }
}
