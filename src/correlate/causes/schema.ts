import type { Remedy } from '../../domain.ts';
import { firstQuoted, opening, whole } from './pattern.ts';
import type { CauseRow } from './row.ts';

const restartCreates: Remedy = {
  do: 'Restart denokv.',
  why: 'At start it creates kv_store, data_version, queue_messages and queue_running where they are missing.',
};

const searchPath: Remedy = {
  do: "Compare SHOW search_path of denokv's role with SELECT schemaname, tablename FROM pg_tables WHERE tablename IN ('kv_store', 'data_version', 'queue_messages', 'queue_running').",
  why: 'A table in a schema that is not on the path is the same as no table.',
};

const migrations: Remedy = {
  do: 'Look for a migration or a hand-made ALTER, DROP or RENAME near this time (log_statement = ddl shows them).',
  why: "denokv's statements do not change while it runs: the schema did.",
};

const userObjects: Remedy = {
  do: 'List the triggers: SELECT tgrelid::regclass, tgname, tgfoid::regproc FROM pg_trigger WHERE NOT tgisinternal.',
  why: "denokv's own statements call no function; a trigger or a default on its tables does.",
};

/** What the statement names is not there, or no longer what it was. */
export const schemaCauses: readonly CauseRow[] = [
  {
    id: 'missing_relation',
    category: 'schema',
    sqlstates: [{ code: '42P01' }],
    texts: [
      { pattern: whole('relation "[^"]*" does not exist'), sqlstate: '42P01' },
      { pattern: opening('(?:missing|invalid reference to) FROM-clause entry for table '), sqlstate: '42P01' },
    ],
    clientTexts: [{ pattern: /^no such table: / }],
    transient: false,
    objects: [/^no such table: (?<relation>\S+)/, firstQuoted('relation')],
    summary: 'The table {relation|that the statement names} does not exist',
    remedies: [restartCreates, searchPath, migrations],
    fixture: 'relation_renamed',
  },
  {
    id: 'missing_column',
    category: 'schema',
    sqlstates: [{ code: '42703' }],
    texts: [
      { pattern: whole('column (?:"[^"]*"|[^\\s"]+)(?: of relation "[^"]*")? does not exist'), sqlstate: '42703' },
      { pattern: whole('record "[^"]*" has no field "[^"]*"'), sqlstate: '42703' },
    ],
    clientTexts: [
      { pattern: /^no such column: / },
      { pattern: /^table \S+ has no column named / },
      { pattern: /^Invalid column name: / },
      { pattern: /^invalid column `/ },
    ],
    transient: false,
    objects: [
      /^column "(?<column>[^"]*)" of relation "(?<relation>[^"]*)"/,
      /^column (?!")(?<column>\S+) does not/,
      /^table (?<relation>\S+) has no column named (?<column>\S+)/,
      /^(?:no such column|Invalid column name): (?<column>\S+)/,
      /^invalid column `(?<column>[^`]*)`/,
      /^record "(?<relation>[^"]*)" has no field "(?<column>[^"]*)"/,
      firstQuoted('column'),
    ],
    summary: 'The column {column|that the statement names} does not exist[ in {relation}]',
    remedies: [
      {
        do: "Compare the columns with those of a fresh denokv schema: SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name IN ('kv_store', 'data_version', 'queue_messages', 'queue_running').",
        why: 'denokv creates missing tables at start, but never adds a column to a table that exists.',
      },
      migrations,
      userObjects,
    ],
    fixture: 'column_dropped',
  },
  {
    id: 'missing_function',
    category: 'schema',
    sqlstates: [{ code: '42883' }],
    texts: [
      { pattern: whole('(?:function|procedure|routine|aggregate) .* does not exist'), sqlstate: '42883' },
      { pattern: opening('operator does not exist: '), sqlstate: '42883' },
      { pattern: opening('could not (?:identify|find) an? \\w+ (?:operator|function) for type '), sqlstate: '42883' },
    ],
    clientTexts: [{ pattern: /^no such function: / }],
    transient: false,
    objects: [
      /^(?:function|procedure|routine|aggregate) (?<function>[^\n]+) does not exist/,
      /^operator does not exist: (?<function>[^\n]+?)(?: at character \d+)?$/,
      /^no such function: (?<function>\S+)/,
    ],
    summary: 'The function or operator {function|that the statement calls} does not exist',
    remedies: [
      userObjects,
      {
        do: 'Create the function again, or drop the trigger that calls it: DROP TRIGGER name ON kv_store.',
        why: 'Every write to the table calls it and fails.',
      },
      {
        do: 'If an operator is missing, compare the column types with a fresh denokv schema: keys and values are bytea.',
        why: 'An operator goes missing when a column was given another type.',
      },
      searchPath,
    ],
    fixture: 'function_missing',
  },
  {
    id: 'missing_schema',
    category: 'schema',
    sqlstates: [{ code: '3F000' }],
    texts: [
      { pattern: whole('schema "[^"]*" does not exist'), sqlstate: '3F000' },
      { pattern: whole('no schema has been selected to create in'), sqlstate: '3F000' },
    ],
    clientTexts: [],
    transient: false,
    objects: [firstQuoted('schema')],
    summary: 'The schema {schema|to work in} does not exist or is not on the search path',
    remedies: [
      {
        do: 'Create it (CREATE SCHEMA name AUTHORIZATION denokv) or set the path: ALTER ROLE denokv SET search_path = public.',
        why: 'denokv names its tables without a schema, so the search path has to lead to one that exists.',
      },
      searchPath,
    ],
    fixture: 'schema_missing',
  },
  {
    id: 'syntax_error',
    category: 'schema',
    sqlstates: [{ code: '42601' }],
    texts: [
      { pattern: opening('syntax error at (?:or near |end of input)'), sqlstate: '42601' },
      {
        pattern: opening('unterminated (?:quoted string|quoted identifier|dollar-quoted string|/\\* comment) at '),
        sqlstate: '42601',
      },
      { pattern: opening('memory exhausted at or near '), sqlstate: '42601' },
      {
        pattern: whole('INSERT has more (?:expressions|target columns) than (?:expressions|target columns)'),
        sqlstate: '42601',
      },
      { pattern: whole('cannot insert multiple commands into a prepared statement'), sqlstate: '42601' },
    ],
    clientTexts: [{ pattern: /^near "[^"]*": syntax error/ }],
    transient: false,
    objects: [/(?:at or near "|^near ")(?<token>[^"]*)"/],
    summary: 'Postgres could not read the statement[ near {token}]',
    remedies: [
      userObjects,
      {
        do: 'Compare the versions: denokv --version and SHOW server_version.',
        why: "denokv's own SQL is fixed; it fails to parse only on a server (or a proxy) that lacks a feature it uses.",
      },
    ],
    fixture: 'syntax_error',
  },
  {
    id: 'stale_plan',
    category: 'schema',
    sqlstates: [
      {
        code: '0A000',
        message: /^cached plan must not change|gecachte[rn]? Plan|plan (?:en cache|mis en cache|almacenado)/,
      },
    ],
    texts: [{ pattern: whole('cached plan must not change result type'), sqlstate: '0A000' }],
    clientTexts: [{ pattern: /^database schema has changed/ }],
    transient: true,
    objects: [],
    summary: 'A table changed while a prepared statement on it was in use, so its plan no longer fits',
    remedies: [
      {
        do: 'Try again; restart denokv (or its pooler) if the error stays.',
        why: 'New connections prepare the statement against the table as it is now.',
      },
      migrations,
    ],
    fixture: 'cached_plan',
  },
  {
    id: 'missing_prepared_statement',
    category: 'schema',
    sqlstates: [{ code: '26000' }],
    texts: [
      { pattern: whole('prepared statement "[^"]*" does not exist'), sqlstate: '26000' },
      { pattern: whole('unnamed prepared statement does not exist'), sqlstate: '26000' },
    ],
    clientTexts: [],
    transient: true,
    objects: [firstQuoted('prepared')],
    summary: 'The prepared statement {prepared|that denokv made} is not known to the session that was asked to run it',
    remedies: [
      {
        do: 'If a pooler stands between, use its session mode, or PgBouncer 1.21 and later with max_prepared_statements above 0.',
        why: 'In transaction mode each transaction may reach another server session, which never saw the statement.',
      },
      {
        do: 'Look for DISCARD ALL or DEALLOCATE ALL (server_reset_query) in the log.',
        why: 'They drop prepared statements that a client still counts on.',
      },
    ],
    fixture: 'prepared_missing',
  },
  {
    id: 'data_version_missing',
    category: 'schema',
    sqlstates: [],
    texts: [],
    clientTexts: [{ pattern: /^query returned an unexpected number of rows/i }, { pattern: /^Query returned no rows/ }],
    transient: false,
    objects: [],
    summary: 'The one row of data_version is missing (or there are several), so denokv cannot number its writes',
    remedies: [
      {
        do: 'Count it: SELECT * FROM data_version. Keep the row with the highest version and delete the others.',
        why: 'denokv expects exactly one row.',
      },
      {
        do: 'If it is empty, restart denokv, then set the version not below the highest versionstamp of kv_store.',
        why: 'A restart puts the row back at its initial value; versionstamps must keep growing.',
      },
    ],
    fixture: 'data_version_missing',
  },
];
