import type {
  Citation,
  DenokvErrorEvent,
  DenokvNoteEvent,
  Instant,
  PostgresContextEvent,
  PostgresErrorEvent,
  ProxyResponseEvent,
  TimePrecision,
} from '../../src/domain.ts';

/** 2026-11-23T10:00:00Z; the times of hand-made events are seconds after it. */
export const START_US = Date.UTC(2026, 10, 23, 10) * 1000;

/** Where the events of one log stand: a line a call, in order. */
export class Log {
  readonly #file: string;
  readonly #fileId: number;
  #line = 0;

  constructor(file: string, fileId: number) {
    this.#file = file;
    this.#fileId = fileId;
  }

  next(): Citation {
    this.#line++;
    const byteStart = this.#line * 100;
    return { fileId: this.#fileId, file: this.#file, line: this.#line, lines: 1, byteStart, byteEnd: byteStart + 99 };
  }
}

/** `seconds` after START_US as a log of that precision prints it; null for a line without a time. */
export function at(seconds: number | null, precision: TimePrecision = 'second'): Instant | null {
  if (seconds === null) return null;
  const unit = { second: 1e6, millisecond: 1000, microsecond: 1 }[precision];
  return { us: START_US + Math.floor(Math.round(seconds * 1e6) / unit) * unit, precision, zone: 'read' };
}

export function failure(
  log: Log,
  seconds: number | null,
  message: string,
  more: Partial<DenokvErrorEvent> & { readonly detail?: string } = {},
): DenokvErrorEvent {
  const { detail = null, ...rest } = more;
  return {
    kind: 'denokv_error',
    at: at(seconds),
    citation: log.next(),
    format: 'denokv',
    text: `Database error: db error: ERROR: ${message}`,
    body: { kind: 'server', error: { severity: 'ERROR', message, detail, hint: null } },
    connecting: false,
    operation: 'atomic_write',
    ...rest,
  };
}

/** A failure of which denokv's own layers speak: `connection closed`, a refused connection. */
export function clientFailure(log: Log, seconds: number | null, text: string): DenokvErrorEvent {
  return failure(log, seconds, text, { text: `Database error: ${text}`, body: { kind: 'client', text } });
}

export function note(log: Log, seconds: number | null, more: Partial<DenokvNoteEvent> = {}): DenokvNoteEvent {
  return {
    kind: 'denokv_note',
    at: at(seconds),
    citation: log.next(),
    format: 'denokv',
    topic: 'other',
    severity: 'INFO',
    text: 'a note',
    body: null,
    identity: null,
    ...more,
  };
}

const SESSION = {
  pid: 3121,
  session: null,
  user: 'denokv',
  database: 'denokv',
  application: null,
  client: null,
  backendType: null,
} as const;
const NOTHING = { sqlstate: null, detail: null, hint: null, context: null, statement: null, durationMs: null } as const;

export function entry(
  log: Log,
  seconds: number | null,
  message: string,
  more: Partial<PostgresErrorEvent> = {},
): PostgresErrorEvent {
  return {
    kind: 'postgres_error',
    at: at(seconds),
    citation: log.next(),
    format: 'postgres_stderr',
    severity: 'ERROR',
    message,
    ...SESSION,
    ...NOTHING,
    ...more,
  };
}

export function context(
  log: Log,
  seconds: number | null,
  message: string,
  more: Partial<PostgresContextEvent> = {},
): PostgresContextEvent {
  return { ...entry(log, seconds, message), severity: 'LOG', ...more, kind: 'postgres_context' };
}

export function response(
  log: Log,
  seconds: number,
  requestId: string,
  more: Partial<ProxyResponseEvent> = {},
): ProxyResponseEvent {
  return {
    kind: 'proxy_response',
    at: at(seconds, 'millisecond'),
    citation: log.next(),
    format: 'proxy',
    status: 500,
    method: 'POST',
    path: '/atomic_write',
    operation: 'atomic_write',
    requestId,
    client: null,
    durationMs: 5,
    ...more,
  };
}

/** The SQL of a write, as denokv has it. */
export const WRITE = '\n            UPDATE data_version SET version = version + 1 RETURNING version';
export const READ =
  'SELECT key, value, value_encoding, versionstamp FROM kv_store WHERE key >= $1 AND key < $2 ORDER BY key ASC LIMIT $3';
