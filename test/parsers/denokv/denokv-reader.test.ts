import { describe, expect, it } from 'vitest';
import type { DenokvErrorEvent, DenokvNoteEvent } from '../../../src/domain.ts';
import { parseBytes } from '../parse-bytes.ts';

type Said = DenokvErrorEvent | DenokvNoteEvent;

function read(
  log: string,
  options: Parameters<typeof parseBytes>[1] = {},
): { events: Said[]; unrecognised: number; statements: number } {
  const { events, parser } = parseBytes(log, options);
  const { unrecognised, statements } = parser.counts;
  return { events: events.filter((event) => event.format === 'denokv') as Said[], unrecognised, statements };
}

function only(log: string): Said {
  const { events } = read(log);
  const [first] = events;
  if (first === undefined || events.length > 1) throw new Error(`expected one event, got ${events.length}`);
  return first;
}

const T = '2026-11-23T05:43:22Z';

describe("env_logger's headers", () => {
  it.each([
    [`[${T} ERROR denokv] Database error: Pool has been closed`, '2026-11-23T05:43:22.000000', 'second'],
    [
      '[2026-11-23T05:43:22.123Z ERROR denokv] Database error: Pool has been closed',
      '2026-11-23T05:43:22.123000',
      'millisecond',
    ],
    [
      '[2026-11-23T05:43:22.123456Z ERROR denokv] Database error: Pool has been closed',
      '2026-11-23T05:43:22.123456',
      'microsecond',
    ],
    [
      '[2026-11-23T05:43:22.123456789Z ERROR denokv] Database error: Pool has been closed',
      '2026-11-23T05:43:22.123456',
      'microsecond',
    ],
  ])('%s', (line, at, precision) => {
    const us = Date.parse(`${at.slice(0, 23)}Z`) * 1000 + Number(at.slice(23));
    expect(only(`${line}\n`)).toMatchObject({ kind: 'denokv_error', at: { us, precision, zone: 'read' } });
  });

  it('reads a build that prints no time', () => {
    expect(only('[ERROR denokv] Failed to write to database: Io(Os { code: 28 })\n')).toMatchObject({
      kind: 'denokv_error',
      at: null,
      operation: 'atomic_write',
      text: 'Io(Os { code: 28 })',
    });
  });

  it.each([
    [
      '0.10',
      `\u001b[90m[\u001b[0m${T} \u001b[31mERROR\u001b[0m denokv\u001b[90m]\u001b[0m Database error: Pool has been closed`,
    ],
    [
      '0.11',
      `\u001b[90m[\u001b[0m${T} \u001b[1m\u001b[31mERROR\u001b[0m denokv\u001b[90m]\u001b[0m Database error: Pool has been closed`,
    ],
  ])('reads the colours of env_logger %s', (_, line) => {
    expect(only(`${line}\n`)).toMatchObject({
      kind: 'denokv_error',
      text: 'Pool has been closed',
      at: { precision: 'second' },
    });
  });

  it("takes no other program's line for one of its own", () => {
    expect(
      read('[ERROR] something broke\n[INFO] done\n[2026-11-23T05:43:22Z INFO  billing::server] started\n').events,
    ).toEqual([]);
  });
});

describe('the line of a 500', () => {
  it('is a write when a write announced it, and a read when none did', () => {
    const { events } = read(
      `[${T} ERROR denokv] atomic_write failed: Pool has been closed\n[${T} ERROR denokv] Database error: Pool has been closed\n[${T} ERROR denokv] Database error: Pool has been closed\n`,
    );
    expect(events.map((event) => 'operation' in event && event.operation)).toEqual(['atomic_write', 'snapshot_read']);
  });

  it('pairs across lines of other threads', () => {
    const { events } = read(
      `[${T} ERROR denokv] atomic_write failed: A\n[${T} ERROR denokv] atomic_write failed: B\n[${T} ERROR denokv] Database error: A\n[${T} ERROR denokv] Database error: B\n`,
    );
    expect(events.map((event) => 'operation' in event && event.operation)).toEqual(['atomic_write', 'atomic_write']);
  });

  it.each([
    ['Failed to read from the database: disk I/O error', 'snapshot_read', 'disk I/O error'],
    ['Failed to write to database: database is locked', 'atomic_write', 'database is locked'],
    [
      'Failed to decode value with invalid encoding 9',
      'snapshot_read',
      'Failed to decode value with invalid encoding 9',
    ],
    ['Sqlite error: attempt to write a readonly database', null, 'attempt to write a readonly database'],
    ['Generic error: the worker is gone', null, 'the worker is gone'],
  ])('%s', (message, operation, text) => {
    expect(only(`[${T} ERROR denokv] ${message}\n`)).toMatchObject({ kind: 'denokv_error', operation, text });
  });

  it.each([
    [
      'Database error: db error: ERROR: msg',
      { kind: 'server', error: { severity: 'ERROR', message: 'msg', detail: null, hint: null } },
      false,
    ],
    ['Database error: db error', { kind: 'bare' }, false],
    ['Database error: connection closed', { kind: 'client', text: 'connection closed' }, false],
    [
      'Connection failed: Failed to get connection: Error occurred while creating a new object: db error: FATAL: sorry, too many clients already',
      {
        kind: 'server',
        error: { severity: 'FATAL', message: 'sorry, too many clients already', detail: null, hint: null },
      },
      true,
    ],
    ['Invalid data: Unknown encoding: 7', { kind: 'client', text: 'Invalid data: Unknown encoding: 7' }, false],
    ['database is locked', { kind: 'client', text: 'database is locked' }, false],
  ])('takes the wrappers off %s', (text, body, connecting) => {
    expect(only(`[${T} ERROR denokv] Database error: ${text}\n`)).toMatchObject({ body, connecting });
  });

  it('joins the lines of its text, without the indent', () => {
    const event = only(
      `[${T} ERROR denokv] Database error: Database error: db error: ERROR: deadlock detected\n    DETAIL: Process 1 waits.\n    Process 2 waits.\n    HINT: See server log for query details.\n`,
    );
    expect(event).toMatchObject({
      citation: { line: 1, lines: 4 },
      body: {
        error: {
          message: 'deadlock detected',
          detail: 'Process 1 waits.\nProcess 2 waits.',
          hint: 'See server log for query details.',
        },
      },
    });
  });

  it('keeps DETAIL and HINT whose indent was trimmed on the way', () => {
    const event = only(`[${T} ERROR denokv] Database error: db error: ERROR: m\nDETAIL: d\nmore\nHINT: h\n`);
    expect(event).toMatchObject({ body: { error: { message: 'm', detail: 'd\nmore', hint: 'h' } } });
  });

  it('does not take in a line of somebody else', () => {
    const { events, unrecognised } = read(
      `[${T} ERROR denokv] Database error: db error: ERROR: m\nListening for traces\n`,
    );
    expect(events[0]).toMatchObject({ text: 'db error: ERROR: m' });
    expect(unrecognised).toBe(1);
  });
});

describe('what is no 500', () => {
  it('keeps retries and background tasks as notes', () => {
    const { events } = read(
      `[${T} WARN  denokv_postgres] Transient error during atomic_write (attempt 1), retrying: db error\n` +
        '[denokv/postgres] collect_expired error: Database error: db error: ERROR: relation "kv_store" does not exist\nDETAIL: d\nHINT: h\n' +
        '[denokv/postgres] requeued 2 dead queue message(s)\n',
    );
    expect(events.map((event) => [event.kind, 'topic' in event && event.topic])).toEqual([
      ['denokv_note', 'other'],
      ['denokv_note', 'background_error'],
      ['denokv_note', 'background'],
    ]);
    expect(events[1]).toMatchObject({
      at: { zone: 'inferred' },
      body: { kind: 'server', error: { message: 'relation "kv_store" does not exist', detail: 'd', hint: 'h' } },
    });
  });

  it('counts the traffic of debug and trace, and keeps it when asked', () => {
    const log =
      `[${T} DEBUG tokio_postgres::prepare] preparing query s1: \n                    SELECT 1\n                    \n` +
      `[${T} DEBUG h2::codec::framed_read] received frame=Data { stream_id: StreamId(1) }\n`;
    expect(read(log)).toMatchObject({ events: [], statements: 2, unrecognised: 0 });
    expect(read(log, { keepStatements: true }).events).toHaveLength(2);
  });

  it("keeps the trace line of a 500's status and the debug line of a broken watch", () => {
    const status = 'Server::encode status=500, body=Some(Known(34)), req_method=Some(POST)';
    const watch = "send body user stream error: error from user's HttpBody stream: db error";
    const { events, statements } = read(
      `[${T} TRACE hyper::proto::h1::role] ${status}\n[${T} TRACE hyper::proto::h1::role] Server::encode status=200, body=None\n[${T} DEBUG hyper::proto::h2] ${watch}\n`,
    );
    expect(events.map((event) => event.text)).toEqual([status, watch]);
    expect(events[0]).toMatchObject({ kind: 'denokv_note', topic: 'other', severity: 'DEBUG' });
    expect(statements).toBe(1);
  });
});

describe('panics', () => {
  it.each([
    [
      'the form of today',
      "thread 'tokio-runtime-worker' (12345) panicked at postgres/backend.rs:171:25:\ncopy_from_slice: lengths differ",
    ],
    [
      'the form before Rust 1.73',
      "thread 'main' panicked at 'copy_from_slice: lengths differ', postgres/backend.rs:171:25",
    ],
    [
      'an unnamed thread',
      "thread '<unnamed>' panicked at postgres/backend.rs:171:25:\ncopy_from_slice: lengths differ",
    ],
    [
      'two threads in one line',
      "thread 'thread 'tokio-runtime-workertokio-runtime-worker' panicked at ' panicked at a.rs:1:1:\na.rs:1:1:",
    ],
  ])('%s', (_, text) => {
    const { events } = read(
      `[${T} INFO  denokv] Listening on http://x\n\n${text}\n[${T} INFO  denokv] Listening on http://x\n`,
    );
    expect(events.map((event) => 'topic' in event && event.topic)).toEqual(['listening', 'panic', 'listening']);
    expect(events[1]?.text).toBe(text);
  });

  it('keeps a backtrace and ends with it', () => {
    const panic =
      "thread 'tokio-runtime-worker' panicked at src/a.rs:1:2:\nboom\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x/library/std/src/panicking.rs:645:5\n   1: denokv::main\nnote: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.";
    const { events, unrecognised } = read(`[${T} INFO  denokv] Listening on http://x\n\n${panic}\nsomebody else\n`);
    expect(events[1]?.text).toBe(panic);
    expect(unrecognised).toBe(1);
  });

  it("keeps a logger's line that was written into a panic's", () => {
    const { events } = read(
      `[${T} INFO  denokv] Listening on http://x\n\nthread 'tokio-runtime-worker' panicked at [${T} ERROR denokv] Database error: Pool has been closed\nsrc/a.rs:1:2:\n`,
    );
    expect(events.map(({ kind }) => kind)).toEqual(['denokv_note', 'denokv_note', 'denokv_error']);
    expect(events[2]).toMatchObject({ text: 'Pool has been closed' });
    expect(events[2]?.citation.byteStart).toBeGreaterThan(events[1]?.citation.byteStart ?? Infinity);
  });
});
