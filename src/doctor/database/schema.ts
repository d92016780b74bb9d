/** A column as denokv makes it when it starts. */
export interface WantedColumn {
  readonly name: string;
  readonly type: string;
}

/** An index as denokv makes it; the primary key has no name of its own here. */
export interface WantedIndex {
  readonly name: string;
  readonly column: string;
  readonly where: string | null;
}

export interface WantedTable {
  readonly name: string;
  readonly key: string;
  readonly columns: readonly WantedColumn[];
  readonly indexes: readonly WantedIndex[];
}

const STAMP = 'timestamp with time zone';

/** What denokv's Postgres backend works on; seen in the captures' start-up statements. */
export const TABLES: readonly WantedTable[] = [
  {
    name: 'kv_store',
    key: 'key',
    columns: [
      { name: 'key', type: 'bytea' },
      { name: 'value', type: 'bytea' },
      { name: 'value_encoding', type: 'integer' },
      { name: 'versionstamp', type: 'bytea' },
      { name: 'created_at', type: STAMP },
      { name: 'updated_at', type: STAMP },
      { name: 'expires_at', type: 'bigint' },
    ],
    indexes: [
      { name: 'idx_kv_versionstamp', column: 'versionstamp', where: null },
      { name: 'idx_kv_updated_at', column: 'updated_at', where: null },
      { name: 'idx_kv_expires_at', column: 'expires_at', where: 'expires_at IS NOT NULL' },
    ],
  },
  {
    name: 'data_version',
    key: 'k',
    columns: [
      { name: 'k', type: 'integer' },
      { name: 'version', type: 'bigint' },
    ],
    indexes: [],
  },
  {
    name: 'queue_messages',
    key: 'id',
    columns: [
      { name: 'id', type: 'uuid' },
      { name: 'payload', type: 'bytea' },
      { name: 'deadline', type: 'bigint' },
      { name: 'keys_if_undelivered', type: 'bytea[]' },
      { name: 'backoff_schedule', type: 'integer[]' },
      { name: 'created_at', type: STAMP },
      { name: 'retry_count', type: 'integer' },
    ],
    indexes: [{ name: 'idx_queue_deadline', column: 'deadline', where: null }],
  },
  {
    name: 'queue_running',
    key: 'message_id',
    columns: [
      { name: 'message_id', type: 'uuid' },
      { name: 'deadline', type: 'bigint' },
      { name: 'started_at', type: STAMP },
      { name: 'updated_at', type: STAMP },
    ],
    indexes: [{ name: 'idx_queue_running_deadline', column: 'deadline', where: null }],
  },
];
