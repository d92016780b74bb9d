import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

/** Either two transactions could not be put in an order, or a value could not be put into words. */
export const serializationCauses: readonly CauseRow[] = [
  {
    id: 'enqueue_serialization',
    category: 'serialization',
    sqlstates: [],
    texts: [],
    clientTexts: [
      {
        pattern:
          /^error serializing parameter \d+: cannot convert between the Rust type `alloc::string::String` and the Postgres type `_bytea ?`/,
      },
      // keys_if_undelivered is parameter 2 (from 0) of the enqueue; reads have no parameter of a type that could fail there.
      { pattern: /^error serializing parameter 2$/, operation: 'atomic_write', confidence: 0.9 },
    ],
    transient: false,
    objects: [/^error serializing parameter (?<parameter>\d+)/],
    summary:
      'denokv could not send the enqueue to Postgres: it encodes keys_if_undelivered[ (parameter {parameter})] as text where the column is an array of bytea',
    remedies: [
      {
        do: 'Take enqueue out of the atomic operation, or use another queue, until denokv is updated.',
        why: 'It is a defect of this denokv build: every enqueue fails in this way, whatever its payload.',
      },
      {
        do: 'Update denokv to a build whose queue insert binds keys_if_undelivered as bytea[].',
        why: 'Nothing in the database or the application needs a change.',
      },
      {
        do: "Make sure that the table is as denokv made it: SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = 'queue_messages'.",
        why: 'keys_if_undelivered is _bytea and backoff_schedule is text in a fresh schema.',
      },
    ],
    fixture: 'enqueue',
  },
  {
    id: 'invalid_json',
    category: 'serialization',
    sqlstates: [{ code: '22P02', message: /\bjsonb?\b/ }, { code: '22032' }],
    texts: [
      { pattern: opening('invalid input syntax for type jsonb?\\b'), sqlstate: '22P02' },
      { pattern: whole('invalid JSON text'), sqlstate: '22032' },
    ],
    clientTexts: [
      { pattern: /^Serialization error: / },
      // The JSON parser's own words, should the wrapper be off already.
      { pattern: /^[^\n]{1,120} at line \d+ column \d+$/, confidence: 0.9 },
      { pattern: /^malformed JSON/ },
    ],
    transient: false,
    objects: [/(?<where>line \d+ column \d+)$/, /^Token "(?<token>[^"\n]*)" is invalid/],
    summary: 'A text that should be JSON is not[ (at {where})][ (at the token {token})]',
    remedies: [
      {
        do: 'Check the queue rows: SELECT message_id, backoff_schedule, keys_if_undelivered FROM queue_messages ORDER BY deadline LIMIT 20.',
        why: 'denokv keeps backoff_schedule as JSON; a row edited by hand can break it.',
      },
      {
        do: 'Check the payload, keysIfUndelivered and backoffSchedule that the application passes to enqueue.',
        why: 'They are what denokv turns into JSON.',
      },
      {
        do: 'If a trigger casts a value to json, let it skip values that are not (value_encoding other than 0).',
        why: 'kv_store holds V8 and U64 values, which are not JSON.',
      },
    ],
    fixture: 'json_trigger',
  },
  {
    id: 'serialization_failure',
    category: 'serialization',
    sqlstates: [{ code: '40001' }],
    texts: [
      { pattern: opening('could not serialize access'), sqlstate: '40001' },
      {
        pattern: opening('tuple to be (?:locked|updated|deleted) was already moved to another partition'),
        sqlstate: '40001',
      },
    ],
    clientTexts: [],
    transient: true,
    objects: [/due to (?<reason>concurrent \w+|read\/write dependencies among transactions)/],
    summary:
      'Two transactions changed the same rows at once[ ({reason})], and under this isolation level one has to give way',
    remedies: [
      {
        do: 'Try the request again.',
        why: 'The conflict is with another transaction that has finished by now.',
      },
      {
        do: "Check SHOW default_transaction_isolation for denokv's role: ALTER ROLE denokv SET default_transaction_isolation = 'read committed'.",
        why: 'denokv locks the row of data_version for each write, and needs no stricter level than the default.',
      },
      {
        do: 'Keep transactions short and let fewer writers touch the same keys.',
        why: 'Each write updates data_version, so under repeatable read any two that overlap collide.',
      },
    ],
    fixture: 'serialization',
  },
  {
    id: 'recovery_conflict',
    category: 'serialization',
    sqlstates: [
      {
        code: '40001',
        message:
          /conflict with recovery|Konflikt mit (?:der )?Wiederherstellung|conflit avec la restauration|conflicto con la recuperaci/,
      },
      { code: '40P01', message: /conflict with recovery/ },
      { code: '57P04' },
    ],
    texts: [
      {
        pattern: whole('(?:canceling statement|terminating connection) due to conflict with recovery'),
        sqlstate: '40001',
      },
    ],
    clientTexts: [],
    transient: true,
    objects: [/\bUser (?<reason>[^.\n]+)\./],
    summary:
      "The server is a standby, and replaying the primary's changes had to remove what the query was using[: it {reason}]",
    remedies: [
      {
        do: "Point denokv's connection URL at the primary (target_session_attrs=read-write).",
        why: 'denokv writes, which a standby cannot do.',
      },
      {
        do: 'If it has to read from a standby, raise max_standby_streaming_delay or set hot_standby_feedback = on there.',
        why: 'Replay then waits for queries instead of ending them.',
      },
    ],
    fixture: 'recovery_conflict',
  },
];
