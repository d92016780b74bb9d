import type { ReadOnlyDatabase, Row } from './connection.ts';
import type { Column, Index, Table } from './facts.ts';
import { flag, number, text, texts } from './row.ts';
import { TABLES } from './schema.ts';

/** denokv's tables as they are; where several schemas have one, the one that the search path finds. */
export async function readTables(database: ReadOnlyDatabase, role: string | null): Promise<readonly Table[]> {
  const rows = await database.query(
    `SELECT DISTINCT ON (c.relname) c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
            coalesce(s.n_live_tup, 0) AS live, coalesce(s.n_dead_tup, 0) AS dead, coalesce(s.n_mod_since_analyze, 0) AS changed,
            (s.last_analyze IS NOT NULL OR s.last_autoanalyze IS NOT NULL OR c.reltuples > 0) AS analyzed
     FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
     WHERE c.relname = ANY($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     ORDER BY c.relname, pg_table_is_visible(c.oid) DESC, n.nspname`,
    [TABLES.map(({ name }) => name)],
  );
  const tables: Table[] = [];
  for (const row of rows) tables.push(await readTable(database, row, role));
  return tables;
}

async function readTable(database: ReadOnlyDatabase, row: Row, role: string | null): Promise<Table> {
  const oid = number(row, 'oid');
  return {
    schema: text(row, 'schema'),
    name: text(row, 'name'),
    kind: text(row, 'kind'),
    columns: await readColumns(database, oid),
    indexes: await readIndexes(database, oid),
    missingPrivileges: role === null ? [] : await readMissingPrivileges(database, oid, role),
    liveRows: number(row, 'live'),
    deadRows: number(row, 'dead'),
    changedSinceAnalyze: number(row, 'changed'),
    isAnalyzed: flag(row, 'analyzed'),
  };
}

async function readColumns(database: ReadOnlyDatabase, oid: number): Promise<readonly Column[]> {
  const rows = await database.query(
    `SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type,
            attnotnull AND NOT atthasdef AND attidentity = '' AS required
     FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [oid],
  );
  return rows.map((row) => ({ name: text(row, 'name'), type: text(row, 'type'), isRequired: flag(row, 'required') }));
}

async function readIndexes(database: ReadOnlyDatabase, oid: number): Promise<readonly Index[]> {
  const rows = await database.query(
    `SELECT c.relname::text AS name, i.indisvalid AND i.indisready AS valid, i.indisunique AS unique, i.indpred IS NOT NULL AS partial,
            ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) AS n) AS columns
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 ORDER BY c.relname`,
    [oid],
  );
  return rows.map((row) => ({
    name: text(row, 'name'),
    isValid: flag(row, 'valid'),
    isUnique: flag(row, 'unique'),
    isPartial: flag(row, 'partial'),
    columns: texts(row, 'columns'),
  }));
}

async function readMissingPrivileges(
  database: ReadOnlyDatabase,
  oid: number,
  role: string,
): Promise<readonly string[]> {
  const rows = await database.query(
    `SELECT name FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS name
     WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = $2) AND NOT has_table_privilege($2, $1::oid, name)`,
    [oid, role],
  );
  return rows.map((row) => text(row, 'name'));
}
