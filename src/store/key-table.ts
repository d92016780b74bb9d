import type { Database } from 'better-sqlite3';
import type { LogEvent } from '../domain.ts';

interface KeyedRow {
  readonly body: string;
}

const BYTEA = /\\x((?:[0-9a-f]{2}){1,2048})/gi;
/** The first byte of a key's first part; anything else is a value or a part of something else. */
const FIRST_TAGS = new Set([0x01, 0x02, ...span(0x0b, 0x1d), 0x21, 0x26, 0x27]);
/** A statement with more keys than this is a batch: its first ones are found. */
const MAX_KEYS = 32;
/** Below a key that most others begin with, so many are looked through: some 10 ms. */
const BELOW_LIMIT = 10_000;

/** Which events name which KV keys. */
export class KeyTable {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#statements = prepare(database);
  }

  /** To be called for each event as it is stored. */
  add(eventId: number, event: LogEvent): void {
    for (const key of keysOf(event)) this.#statements.add.run(key, eventId);
  }

  /**
   * Events that name this very key or a range that begins just behind it, newest first; where there is none, those of keys below it: the newest of the
   * first BELOW_LIMIT.
   */
  events(key: Uint8Array, limit: number): readonly LogEvent[] {
    const from = Buffer.from(key);
    const same = this.#statements.exact.all({ key: from, range: Buffer.concat([from, Buffer.alloc(1)]), limit });
    const rows = same.length > 0 ? same : this.#statements.below.all({ from, to: ceilingOf(from), limit });
    return rows.map(({ body }) => JSON.parse(body) as LogEvent);
  }
}

/** The least bytes above all that begin with these. */
function ceilingOf(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.from([0xff])]);
}

/** What looks like a key in parameters, DETAIL, CONTEXT and denokv's own lines. */
function keysOf(event: LogEvent): readonly Buffer[] {
  const texts = textsOf(event).filter((text) => text.includes('\\x'));
  const found = new Map<string, Buffer>();
  for (const text of texts) {
    for (const [, hex = ''] of text.matchAll(BYTEA)) {
      const bytes = Buffer.from(hex, 'hex');
      if (FIRST_TAGS.has(bytes[0] ?? 0)) found.set(hex.toLowerCase(), bytes);
      if (found.size >= MAX_KEYS) return [...found.values()];
    }
  }
  return [...found.values()];
}

function textsOf(event: LogEvent): readonly string[] {
  switch (event.kind) {
    case 'postgres_error':
    case 'postgres_context':
    case 'postgres_statement':
      return [event.detail, event.context, event.statement, event.message].filter((text) => text !== null);
    case 'denokv_error':
    case 'denokv_note':
      return [event.text];
    case 'proxy_response':
    case 'gap':
      return [];
  }
}

function span(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, step) => from + step);
}

function prepare(database: Database) {
  // The ids are sorted before any event is read: below a key that begins most others, that took a second with 300,000 keys.
  const newest = (ids: string) =>
    `SELECT e.body FROM (SELECT event_id FROM (${ids}) ORDER BY event_id DESC LIMIT @limit) k
     CROSS JOIN events e ON e.id = k.event_id ORDER BY k.event_id DESC`;
  const ofKey = (name: string) =>
    `SELECT event_id FROM (SELECT event_id FROM event_keys WHERE kv_key = ${name} ORDER BY event_id DESC LIMIT @limit)`;
  return {
    add: database.prepare<[Buffer, number]>('INSERT OR IGNORE INTO event_keys (kv_key, event_id) VALUES (?, ?)'),
    exact: database.prepare<[{ key: Buffer; range: Buffer; limit: number }], KeyedRow>(
      newest(`${ofKey('@key')} UNION ${ofKey('@range')}`),
    ),
    below: database.prepare<[{ from: Buffer; to: Buffer; limit: number }], KeyedRow>(
      newest(`SELECT event_id FROM event_keys WHERE kv_key > @from AND kv_key < @to LIMIT ${String(BELOW_LIMIT)}`),
    ),
  };
}
