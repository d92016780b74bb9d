import type { Operation } from '../../src/domain.ts';

/** A server error and the cause it proves; `name` is what a row's `fixture` refers to. */
export interface ServerCase {
  readonly name: string;
  readonly cause: string;
  readonly sqlstate: string | null;
  readonly message: string;
  readonly severity?: string;
  readonly detail?: string;
  readonly context?: string;
  /** Where the text alone gives another SQLSTATE than the log would. */
  readonly textSqlstate?: string;
  /** The text alone is not meant to suffice. */
  readonly codeOnly?: true;
}

export interface ClientCase {
  readonly name: string;
  readonly cause: string;
  readonly text: string;
  readonly operation?: Operation;
  readonly backend?: 'postgres' | 'sqlite';
}

const fatal = (name: string, cause: string, sqlstate: string | null, message: string): ServerCase => ({
  ...error(name, cause, sqlstate, message),
  severity: 'FATAL',
});

const log = (name: string, cause: string, message: string): ServerCase => ({
  ...error(name, cause, null, message),
  severity: 'LOG',
});

function error(name: string, cause: string, sqlstate: string | null, message: string): ServerCase {
  return { name, cause, sqlstate, message };
}

export const serverCases: readonly ServerCase[] = [
  fatal('max_connections', 'too_many_connections', '53300', 'sorry, too many clients already'),
  fatal(
    'max_connections_15',
    'too_many_connections',
    '53300',
    'remaining connection slots are reserved for non-replication superuser connections',
  ),
  fatal(
    'max_connections_16',
    'too_many_connections',
    '53300',
    'remaining connection slots are reserved for roles with the SUPERUSER attribute',
  ),
  fatal(
    'max_connections_reserved_role',
    'too_many_connections',
    '53300',
    'remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
  ),
  fatal('role_limit', 'too_many_connections', '53300', 'too many connections for role "denokv"'),
  fatal('database_limit', 'too_many_connections', '53300', 'too many connections for database "kv"'),
  fatal('pooler_limit', 'too_many_connections', '08P01', 'no more connections allowed (max_client_conn)'),
  fatal('pooler_wait', 'pool_timeout', '08P01', 'query_wait_timeout'),
  error('deadlock', 'deadlock', '40P01', 'deadlock detected'),
  error('statement_timeout_lock', 'statement_timeout', '57014', 'canceling statement due to statement timeout'),
  error('cancel_backend', 'query_canceled', '57014', 'canceling statement due to user request'),
  fatal('auth_timeout', 'auth_timeout', '57014', 'canceling authentication due to timeout'),
  error('lock_timeout', 'lock_timeout', '55P03', 'canceling statement due to lock timeout'),
  error('lock_nowait', 'lock_not_available', '55P03', 'could not obtain lock on row in relation "kv_store"'),
  error('lock_nowait_table', 'lock_not_available', '55P03', 'could not obtain lock on relation "kv_store"'),
  fatal(
    'idle_in_transaction',
    'idle_in_transaction_timeout',
    '25P03',
    'terminating connection due to idle-in-transaction timeout',
  ),
  fatal('transaction_timeout', 'transaction_timeout', '25P04', 'terminating connection due to transaction timeout'),
  fatal('idle_session', 'idle_session_timeout', '57P05', 'terminating connection due to idle-session timeout'),
  error('relation_renamed', 'missing_relation', '42P01', 'relation "kv_store" does not exist'),
  error('from_clause', 'missing_relation', '42P01', 'missing FROM-clause entry for table "k"'),
  error('column_dropped', 'missing_column', '42703', 'column "expires_at" of relation "kv_store" does not exist'),
  error('column_bare', 'missing_column', '42703', 'column kv.owner does not exist'),
  error('record_field', 'missing_column', '42703', 'record "new" has no field "owner"'),
  error('function_missing', 'missing_function', '42883', 'function notify_audit(bytea, bytea) does not exist'),
  error('operator_missing', 'missing_function', '42883', 'operator does not exist: text >= bytea at character 80'),
  error('schema_missing', 'missing_schema', '3F000', 'schema "kv" does not exist'),
  error('schema_none', 'missing_schema', '3F000', 'no schema has been selected to create in'),
  error('syntax_error', 'syntax_error', '42601', 'syntax error at or near "SELEC"'),
  error('syntax_end', 'syntax_error', '42601', 'syntax error at end of input'),
  error('syntax_memory', 'syntax_error', '42601', 'memory exhausted at or near "("'),
  error('cached_plan', 'stale_plan', '0A000', 'cached plan must not change result type'),
  error('prepared_missing', 'missing_prepared_statement', '26000', 'prepared statement "s12" does not exist'),
  error('prepared_unnamed', 'missing_prepared_statement', '26000', 'unnamed prepared statement does not exist'),
  error('bad_input', 'type_mismatch', '22P02', 'invalid input syntax for type bigint: "n/a"'),
  error('bad_array', 'type_mismatch', '22P02', 'malformed array literal: "a"'),
  error('bad_enum', 'type_mismatch', '22P02', 'invalid input value for enum mood: "x"'),
  error('wrong_type', 'type_mismatch', '42804', 'column "v" is of type integer but expression is of type text'),
  error('cannot_cast', 'type_mismatch', '42846', 'cannot cast type bytea to integer'),
  error('too_long', 'type_mismatch', '22001', 'value too long for type character varying(16)'),
  error('bad_date', 'type_mismatch', '22008', 'date/time field value out of range: "2026-13-01"'),
  error('bad_bytes', 'type_mismatch', '22021', 'invalid byte sequence for encoding "UTF8": 0xff'),
  error('bad_setting', 'type_mismatch', '22023', 'invalid value for parameter "work_mem": "zz"'),
  error('bad_unicode', 'type_mismatch', '22P05', 'unsupported Unicode escape sequence'),
  error('bad_binary', 'type_mismatch', '22P03', 'incorrect binary data format in bind parameter 2'),
  error('by_zero', 'type_mismatch', '22012', 'division by zero'),
  { ...error('json_path', 'type_mismatch', '2203A', 'JSON object does not contain key "a"'), codeOnly: true },
  error('numeric_overflow', 'numeric_out_of_range', '22003', 'bigint out of range'),
  error('numeric_value', 'numeric_out_of_range', '22003', 'value "99999999999" is out of range for type integer'),
  error('numeric_field', 'numeric_out_of_range', '22003', 'numeric field overflow'),
  error('numeric_float', 'numeric_out_of_range', '22003', 'value out of range: overflow'),
  error('json_trigger', 'invalid_json', '22P02', 'invalid input syntax for type json'),
  error('jsonb_trigger', 'invalid_json', '22P02', 'invalid input syntax for type jsonb: "x"'),
  error('serialization', 'serialization_failure', '40001', 'could not serialize access due to concurrent update'),
  error(
    'serialization_delete',
    'serialization_failure',
    '40001',
    'could not serialize access due to concurrent delete',
  ),
  error(
    'serialization_rw',
    'serialization_failure',
    '40001',
    'could not serialize access due to read/write dependencies among transactions',
  ),
  error('recovery_conflict', 'recovery_conflict', '40001', 'canceling statement due to conflict with recovery'),
  fatal('recovery_terminated', 'recovery_conflict', '40001', 'terminating connection due to conflict with recovery'),
  {
    ...fatal('recovery_deadlock', 'recovery_conflict', '40P01', 'terminating connection due to conflict with recovery'),
    textSqlstate: '40001',
  },
  {
    ...fatal('recovery_dropped', 'recovery_conflict', '57P04', 'terminating connection due to conflict with recovery'),
    textSqlstate: '40001',
  },
  fatal('client_lost', 'connection_lost', '08006', 'connection to client lost'),
  fatal('pooler_crashed', 'connection_lost', '08P01', 'server conn crashed?'),
  error('client_reset', 'connection_lost', '08006', 'could not receive data from client: Connection reset by peer'),
  fatal('terminate_backend', 'backend_terminated', '57P01', 'terminating connection due to administrator command'),
  fatal('shutting_down', 'server_shutdown', '57P03', 'the database system is shutting down'),
  fatal('shutdown_immediate', 'server_shutdown', '57P01', 'terminating connection due to immediate shutdown command'),
  log('shutdown_request', 'server_shutdown', 'received fast shutdown request'),
  log('shutdown_done', 'server_shutdown', 'database system is shut down'),
  fatal('crash_own', 'server_crash', '57P02', 'terminating connection because of crash of another server process'),
  fatal('postmaster_gone', 'server_crash', '57P01', 'terminating connection due to unexpected postmaster exit'),
  log('crash_17', 'server_crash', 'server process (PID 4599) was terminated by signal 9: Killed'),
  log('crash_18', 'server_crash', 'client backend (PID 4599) was terminated by signal 11: Segmentation fault'),
  log('crash_reinit', 'server_crash', 'all server processes terminated; reinitializing'),
  fatal('restart_immediate', 'server_starting', '57P03', 'the database system is not yet accepting connections'),
  fatal('starting_up', 'server_starting', '57P03', 'the database system is starting up'),
  fatal('recovery_mode', 'server_starting', '57P03', 'the database system is in recovery mode'),
  fatal('standby_closed', 'server_starting', '57P03', 'the database system is not accepting connections'),
  fatal('password_changed', 'authentication_failed', '28P01', 'password authentication failed for user "denokv"'),
  fatal('password_empty', 'authentication_failed', '28P01', 'empty password returned by client'),
  fatal(
    'hba_reject',
    'authentication_failed',
    '28000',
    'pg_hba.conf rejects connection for host "127.0.0.1", user "denokv", database "kv", no encryption',
  ),
  fatal(
    'hba_none',
    'authentication_failed',
    '28000',
    'no pg_hba.conf entry for host "10.0.0.7", user "denokv", database "kv", no encryption',
  ),
  fatal('peer', 'authentication_failed', '28000', 'Peer authentication failed for user "denokv"'),
  fatal('no_login', 'authentication_failed', '28000', 'role "denokv" is not permitted to log in'),
  fatal('no_role', 'authentication_failed', '28000', 'role "denokv" does not exist'),
  fatal('database_renamed', 'database_missing', '3D000', 'database "kv" does not exist'),
  fatal('database_closed', 'database_missing', '55000', 'database "kv" is not currently accepting connections'),
  fatal('database_invalid', 'database_missing', '55000', 'cannot connect to invalid database "kv"'),
  error('tls_accept', 'tls_failure', '08P01', 'could not accept SSL connection: no shared cipher'),
  fatal('protocol_type', 'protocol_error', '08P01', 'invalid frontend message type 0'),
  fatal('protocol_plain', 'protocol_error', '08P01', 'received unencrypted data after SSL request'),
  fatal('protocol_version', 'protocol_error', '0A000', 'unsupported frontend protocol 9.9: server supports 3.0 to 3.0'),
  error(
    'protocol_bind',
    'protocol_error',
    '08P01',
    'bind message supplies 2 parameters, but prepared statement "s1" requires 3',
  ),
  error(
    'unique_violation',
    'unique_violation',
    '23505',
    'duplicate key value violates unique constraint "kv_store_pkey"',
  ),
  error(
    'check_violation',
    'check_violation',
    '23514',
    'new row for relation "kv_store" violates check constraint "kv_value_small"',
  ),
  error('no_partition', 'check_violation', '23514', 'no partition of relation "kv_store" found for row'),
  error(
    'not_null_violation',
    'not_null_violation',
    '23502',
    'null value in column "tenant" of relation "kv_store" violates not-null constraint',
  ),
  error('not_null_12', 'not_null_violation', '23502', 'null value in column "tenant" violates not-null constraint'),
  error(
    'foreign_key',
    'foreign_key_violation',
    '23503',
    'insert or update on table "ch" violates foreign key constraint "ch_t_id_fkey"',
  ),
  error(
    'foreign_key_delete',
    'foreign_key_violation',
    '23503',
    'update or delete on table "t" violates foreign key constraint "ch_t_id_fkey" on table "ch"',
  ),
  error(
    'foreign_key_restrict',
    'foreign_key_violation',
    '23001',
    'update or delete on table "t" violates RESTRICT setting of foreign key constraint "ch_t_id_fkey" on table "ch"',
  ),
  error(
    'exclusion',
    'exclusion_violation',
    '23P01',
    'conflicting key value violates exclusion constraint "no_overlap"',
  ),
  {
    ...error('trigger_raises', 'raised_exception', 'P0001', 'quota exceeded for tenant 17'),
    context: 'PL/pgSQL function check_quota() line 4 at RAISE',
  },
  {
    ...error('trigger_own_code', 'raised_exception', 'KV001', 'ledger closed'),
    context: 'PL/pgSQL function check_ledger() line 9 at RAISE',
    textSqlstate: 'P0001',
  },
  { ...error('plpgsql_assert', 'raised_exception', 'P0004', 'assertion failed'), codeOnly: true },
  error('permission_revoked', 'permission_denied', '42501', 'permission denied for table kv_store'),
  error('permission_schema', 'permission_denied', '42501', 'permission denied for schema public'),
  fatal('permission_connect', 'permission_denied', '42501', 'permission denied for database "kv"'),
  error('permission_owner', 'permission_denied', '42501', 'must be owner of table kv_store'),
  error(
    'permission_rls',
    'permission_denied',
    '42501',
    'new row violates row-level security policy for table "kv_store"',
  ),
  error('read_only', 'read_only', '25006', 'cannot execute UPDATE in a read-only transaction'),
  error('read_only_recovery', 'read_only', '25006', 'cannot execute LOCK TABLE during recovery'),
  error(
    'disk_full',
    'disk_full',
    '53100',
    'could not extend file "pg_tblspc/1/PG_15_1/2/3_fsm": No space left on device',
  ),
  error(
    'disk_full_partial',
    'disk_full',
    '53100',
    'could not extend file "base/5/1": wrote only 4096 of 8192 bytes at block 9',
  ),
  error(
    'disk_full_shm',
    'disk_full',
    '53100',
    'could not resize shared memory segment "/PostgreSQL.1" to 8 bytes: No space left on device',
  ),
  {
    ...error('out_of_memory_plain', 'out_of_memory', '53200', 'out of memory'),
    detail: 'Failed on request of size 8192 in memory context "x".',
  },
  log('fork_failed', 'out_of_memory', 'could not fork new process for connection: Cannot allocate memory'),
  error('out_of_memory', 'out_of_locks', '53200', 'out of shared memory'),
  error('temp_file_limit', 'temp_limit', '53400', 'temporary file size exceeds temp_file_limit (1024kB)'),
  error(
    'index_row_size',
    'size_limit',
    '54000',
    'index row size 2800 exceeds btree version 4 maximum 2704 for index "kv_store_pkey"',
  ),
  {
    ...error('string_buffer', 'size_limit', '54000', 'out of memory'),
    detail: 'Cannot enlarge string buffer containing 9 bytes by 1073741823 more bytes.',
  },
  error('stack_depth', 'size_limit', '54001', 'stack depth limit exceeded'),
  error(
    'wraparound',
    'size_limit',
    '54000',
    'database is not accepting commands that assign new XIDs to avoid wraparound data loss in database "kv"',
  ),
  error('file_missing', 'io_error', '58P01', 'could not open file "base/5/1": No such file or directory'),
  error('file_broken', 'io_error', '58030', 'could not read block 3 in file "base/5/1": Input/output error'),
  error('corrupted_page', 'corrupted_data', 'XX001', 'invalid page in block 0 of relation base/16387/24671'),
  error(
    'corrupted_short',
    'corrupted_data',
    'XX001',
    'could not read block 3 in file "base/5/1": read only 0 of 8192 bytes',
  ),
  error('corrupted_toast', 'corrupted_data', 'XX001', 'missing chunk number 0 for toast value 9 in pg_toast_2619'),
  error('corrupted_index', 'corrupted_data', 'XX002', 'index "kv_store_pkey" contains unexpected zero page at block 7'),
  error('cache_lookup', 'internal_error', 'XX000', 'cache lookup failed for relation 24671'),
  error('memory_alloc', 'internal_error', 'XX000', 'invalid memory alloc request size 2147483648'),
  error(
    'transaction_aborted',
    'transaction_aborted',
    '25P02',
    'current transaction is aborted, commands ignored until end of transaction block',
  ),
  error(
    'unknown',
    'unknown',
    '42P10',
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  ),
  { ...error('unknown_feature', 'unknown', '0A000', 'cannot use this here'), codeOnly: true },
  { ...error('unknown_state', 'unknown', '55000', 'currval of sequence "s" is not yet defined'), codeOnly: true },
  // Other languages: the SQLSTATE carries the cause, and known words split it.
  {
    ...error('german_cancel', 'query_canceled', '57014', 'storniere Anfrage wegen Benutzeraufforderung'),
    codeOnly: true,
  },
  {
    ...error('german_timeout', 'statement_timeout', '57014', 'storniere Anfrage wegen Zeitüberschreitung der Anfrage'),
    codeOnly: true,
  },
  { ...error('german_relation', 'missing_relation', '42P01', 'Relation »nope« existiert nicht'), codeOnly: true },
  {
    ...fatal('french_shutdown', 'server_shutdown', '57P03', "le système de bases de données s'arrête"),
    codeOnly: true,
  },
];

const BYTEA_ARRAY =
  'error serializing parameter 2: cannot convert between the Rust type `alloc::string::String` and the Postgres type `_bytea`';
const TEXT_COLUMN =
  'error serializing parameter 3: cannot convert between the Rust type `&[u8]` and the Postgres type `text`';

const client = (name: string, cause: string, text: string): ClientCase => ({ name, cause, text });

export const clientCases: readonly ClientCase[] = [
  client('pool_timeout', 'pool_timeout', 'Timeout occurred while waiting for a slot to become available'),
  client('pool_timeout_create', 'pool_timeout', 'Timeout occurred while creating a new object'),
  client('pool_closed', 'pool_closed', 'Pool has been closed'),
  client('data_version_missing', 'data_version_missing', 'query returned an unexpected number of rows'),
  client('invalid_operand', 'invalid_operand', 'Invalid data: Sum operation only supports U64 values'),
  client('invalid_operand_max', 'invalid_operand', 'Max operation only supports U64 values'),
  client('sqlite_operands', 'invalid_operand', "Failed to perform 'min' mutation on a non-U64 operand"),
  client('sqlite_operands_v8', 'invalid_operand', 'Some of the parameters are not valid V8 values'),
  client('unknown_encoding_row', 'value_encoding', 'Invalid data: Unknown encoding: 7'),
  client('unknown_encoding_old', 'value_encoding', 'Failed to decode value with invalid encoding 7'),
  client('enqueue', 'enqueue_serialization', BYTEA_ARRAY),
  client('enqueue_wrapped', 'enqueue_serialization', `Database error: ${BYTEA_ARRAY}`),
  { ...client('enqueue_bare', 'enqueue_serialization', 'error serializing parameter 2'), operation: 'atomic_write' },
  client('type_changed', 'type_mismatch', TEXT_COLUMN),
  client('type_changed_bare', 'type_mismatch', 'error serializing parameter 3'),
  client('type_changed_read', 'type_mismatch', 'error deserializing column 3: cannot convert'),
  client('json_denokv', 'invalid_json', 'Serialization error: expected value at line 1 column 1'),
  client('json_unwrapped', 'invalid_json', 'EOF while parsing a list at line 1 column 9'),
  client('restart_fast', 'connection_refused', 'error connecting to server: Connection refused (os error 111)'),
  client('refused_bare', 'connection_refused', 'error connecting to server'),
  client('refused_socket', 'connection_refused', 'error connecting to server: No such file or directory (os error 2)'),
  client(
    'refused_dns',
    'connection_refused',
    'error connecting to server: failed to lookup address information: Name or service not known',
  ),
  client('refused_timeout', 'connection_refused', 'timeout waiting for server'),
  client('socket_killed', 'connection_lost', 'connection closed'),
  client(
    'socket_reset',
    'connection_lost',
    'error communicating with the server: Connection reset by peer (os error 104)',
  ),
  client('tls_failure', 'tls_failure', 'error performing TLS handshake: server does not support TLS'),
  client('protocol_error', 'protocol_error', 'unexpected message from server'),
  client('protocol_parse', 'protocol_error', 'error parsing response from server: invalid message length'),
  client('auth_client', 'authentication_failed', 'authentication error: unsupported authentication method'),
  client('auth_config', 'authentication_failed', 'invalid configuration: password missing'),
  client('column_invalid', 'missing_column', 'invalid column `expires_at`'),
  client('no_runtime', 'internal_error', 'No runtime specified'),
  client('sqlite_full', 'disk_full', 'database or disk is full'),
  client('sqlite_locked', 'lock_timeout', 'database is locked'),
  client('sqlite_read_only', 'read_only', 'Can not write to a read-only database.'),
  client('sqlite_read_only_file', 'read_only', 'attempt to write a readonly database'),
  client('sqlite_table_missing', 'missing_relation', 'no such table: kv'),
  client('sqlite_column_missing', 'missing_column', 'table kv has no column named seq'),
  client('sqlite_malformed', 'corrupted_data', 'database disk image is malformed'),
  client('sqlite_unique', 'unique_violation', 'UNIQUE constraint failed: kv.k'),
  client('sqlite_io', 'io_error', 'disk I/O error'),
  client('sqlite_error', 'sqlite_error', 'SQL logic error'),
  { ...client('sqlite_variables', 'sqlite_error', 'too many SQL variables'), backend: 'sqlite' },
  { ...client('sqlite_index_missing', 'sqlite_error', 'no such index: kv_expiration_ms_idx'), backend: 'sqlite' },
  { ...client('sqlite_vacuum', 'sqlite_error', 'cannot VACUUM from within a transaction'), backend: 'sqlite' },
  { ...client('sqlite_trigger_raises', 'raised_exception', 'quota exceeded'), backend: 'sqlite' },
];

/** Errors that borrow another error's words. */
export const lookalikeCases: readonly { message: string; sqlstate: string | null; not: string }[] = [
  { message: 'order refused: deadlock detected in the ledger', sqlstate: null, not: 'deadlock' },
  { message: 'deadlock detected in the ledger', sqlstate: null, not: 'deadlock' },
  { message: 'permission denied for tenant 17', sqlstate: null, not: 'permission_denied' },
  { message: 'quota: "could not extend file" No space left on device', sqlstate: null, not: 'disk_full' },
  { message: 'canceling statement due to statement timeout of the shop', sqlstate: null, not: 'statement_timeout' },
  { message: 'the database system is shutting down the shop', sqlstate: null, not: 'server_shutdown' },
  { message: 'relation "a" does not exist in the tree', sqlstate: null, not: 'missing_relation' },
  { message: 'job: server process (PID 7) was terminated by signal 9', sqlstate: null, not: 'server_crash' },
  { message: 'deadlock detected', sqlstate: 'P0001', not: 'deadlock' },
  { message: 'canceling statement due to user request', sqlstate: 'P0001', not: 'query_canceled' },
  { message: 'note: conflict with recovery', sqlstate: '23505', not: 'recovery_conflict' },
];
