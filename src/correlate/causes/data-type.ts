import type { Remedy } from '../../domain.ts';
import { opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

const inspectValue: Remedy = {
  do: 'Look at the row: SELECT key, value_encoding, length(value) FROM kv_store WHERE key = $1.',
  why: 'value_encoding 2 with 8 bytes is a U64; 1 is a serialised V8 value; 0 is raw bytes.',
};

const compareTypes: Remedy = {
  do: "Compare the column types with those of a fresh denokv schema: SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'kv_store'.",
  why: 'denokv encodes its parameters for the types it created; keys, values and versionstamps are bytea.',
};

const userTriggers: Remedy = {
  do: 'Look into the triggers and defaults of the table: SELECT tgname, tgfoid::regproc FROM pg_trigger WHERE NOT tgisinternal.',
  why: "denokv's own statements convert nothing; a trigger that casts a key or a value does.",
};

/** A value does not have the type, form or size that its place asks for. */
export const dataTypeCauses: readonly CauseRow[] = [
  {
    id: 'invalid_operand',
    category: 'data_type',
    sqlstates: [],
    texts: [],
    clientTexts: [
      { pattern: /^(?:Sum|Min|Max) operation only supports U64 values/ },
      { pattern: /^Failed to perform '(?:sum|min|max)' mutation on a non-U64 operand/ },
      // SQLite's sum on two V8 values that are not both numbers.
      { pattern: /^Some of the parameters are not valid V8 values/ },
      { pattern: /^Failed to perform '(?:sum|min|max)' mutation/, confidence: 0.9 },
    ],
    transient: false,
    objects: [/^(?<mutation>Sum|Min|Max) operation/, /^Failed to perform '(?<mutation>sum|min|max)'/],
    summary: 'The {mutation|sum, min or max} operation met a stored value or an operand that is not a U64',
    remedies: [
      inspectValue,
      {
        do: 'In the application, write such keys only as new Deno.KvU64(n), and use sum, min and max on no others.',
        why: 'A plain number or bigint is stored as a V8 value, on which these operations do not work.',
      },
      {
        do: 'Set the key anew with a Deno.KvU64, or delete it.',
        why: 'Until then each try fails in the same way.',
      },
    ],
    fixture: 'invalid_operand',
  },
  {
    id: 'value_encoding',
    category: 'data_type',
    sqlstates: [],
    texts: [],
    clientTexts: [{ pattern: /^Unknown encoding: / }, { pattern: /^Failed to decode value with invalid encoding / }],
    transient: false,
    objects: [/encoding:? (?<encoding>-?\d+)/],
    summary: 'A stored row has a value_encoding that denokv does not know[ ({encoding})]',
    remedies: [
      {
        do: 'Find such rows: SELECT key, value_encoding, length(value) FROM kv_store WHERE value_encoding NOT IN (0, 1, 2).',
        why: 'denokv writes only 0 (bytes), 1 (V8) and 2 (U64); every read that meets another fails.',
      },
      {
        do: 'Find what else writes to kv_store (SELECT grantee, privilege_type FROM information_schema.role_table_grants), then repair or delete the rows.',
        why: 'A script, an import or a newer denokv wrote them.',
      },
    ],
    fixture: 'unknown_encoding_row',
  },
  {
    id: 'type_mismatch',
    category: 'data_type',
    sqlstates: [
      { code: '42804' },
      { code: '42846' },
      { code: '42P18' },
      { code: '22P02' },
      { code: '22P03' },
      { code: '2200' },
      { code: '22021' },
      { code: '22023' },
      { code: '22012' },
      // The rest of the class: a value that an expression could not take.
      { code: '22' },
    ],
    texts: [
      { pattern: opening('invalid input syntax for (?:type )?'), sqlstate: '22P02' },
      { pattern: opening('malformed (?:array|record|range|multirange) literal: '), sqlstate: '22P02' },
      { pattern: opening('invalid input value for enum '), sqlstate: '22P02' },
      { pattern: opening('invalid (?:hexadecimal digit|hexadecimal data|symbol)'), sqlstate: '22023' },
      { pattern: opening('column "[^"]*" is of type .* but expression is of type '), sqlstate: '42804' },
      { pattern: opening('argument of [A-Z ]+ must be type '), sqlstate: '42804' },
      { pattern: opening('structure of query does not match function result type'), sqlstate: '42804' },
      { pattern: opening('cannot cast type '), sqlstate: '42846' },
      { pattern: opening('could not determine data type of parameter '), sqlstate: '42P18' },
      { pattern: opening('incorrect binary data format in bind parameter '), sqlstate: '22P03' },
      { pattern: opening('value too long for type '), sqlstate: '22001' },
      { pattern: opening('date/time field value out of range: '), sqlstate: '22008' },
      { pattern: opening('invalid byte sequence for encoding '), sqlstate: '22021' },
      { pattern: opening('unsupported Unicode escape sequence'), sqlstate: '22P05' },
      { pattern: opening('character with byte sequence .* has no equivalent in encoding '), sqlstate: '22P05' },
      { pattern: opening('invalid value for parameter "'), sqlstate: '22023' },
      { pattern: whole('division by zero'), sqlstate: '22012' },
    ],
    clientTexts: [
      // Without its tail (tokio-postgres 0.7.15 and later) the number is all there is; the fork's enqueue takes number 2, see serialization.ts.
      { pattern: /^error serializing parameter \d+: / },
      { pattern: /^error serializing parameter \d+$/, confidence: 0.85 },
      { pattern: /^error deserializing column / },
      { pattern: /^Invalid column type \w+ at index: / },
      { pattern: /^datatype mismatch/ },
    ],
    transient: false,
    objects: [
      /^column "(?<column>[^"]*)" is of type (?<columnType>[^\n]+?) but expression is of type (?<valueType>[^\n]+?)(?: at character \d+)?$/,
      /^invalid input syntax for (?:type )?(?<columnType>[^:\n]+): "(?<value>[^"\n]*)"/,
      /^value too long for type (?<columnType>[^\n]+?)(?: at character \d+)?$/,
      /^error serializing parameter (?<parameter>\d+)/,
      /the Rust type `(?<valueType>[^`]*)` and the Postgres type `(?<columnType>[^`]*)`/,
    ],
    summary:
      'A value does not fit the place it was meant for[ (parameter {parameter})][, column {column}][: {value} is not of type {columnType}][: the place takes {columnType}, the value is {valueType}]',
    remedies: [compareTypes, userTriggers, inspectValue],
    fixture: 'bad_input',
  },
  {
    id: 'numeric_out_of_range',
    category: 'data_type',
    sqlstates: [{ code: '22003' }],
    texts: [
      {
        pattern: whole('(?:smallint|integer|bigint|oid|money|numeric|cash|interval|tid) out of range'),
        sqlstate: '22003',
      },
      { pattern: whole('value "[^"]*" is out of range for type .*'), sqlstate: '22003' },
      { pattern: whole('value out of range(?:: (?:overflow|underflow))?'), sqlstate: '22003' },
      { pattern: whole('"[^"]*" is out of range for type .*'), sqlstate: '22003' },
      { pattern: whole('numeric field overflow'), sqlstate: '22003' },
      { pattern: whole('value overflows numeric format'), sqlstate: '22003' },
    ],
    clientTexts: [{ pattern: /^integer overflow/ }],
    transient: false,
    objects: [
      /^(?<type>[a-z]+) out of range/,
      /^(?:value )?"(?<value>[^"]*)" is out of range for type (?<type>[^\n]+?)(?: at character \d+)?$/,
    ],
    summary: 'A number is larger or smaller than its type {type|in the database} can hold[: {value}]',
    remedies: [
      userTriggers,
      {
        do: 'Give the column or the variable a wider type: ALTER TABLE ... ALTER COLUMN ... TYPE bigint (or numeric).',
        why: 'A counter has outgrown it, and each further write fails.',
      },
      {
        do: 'If the column is version of data_version, restore it from the highest versionstamp of kv_store.',
        why: 'It only ever grows by one a write; a value near the limit was put there by hand.',
      },
    ],
    fixture: 'numeric_overflow',
  },
];
