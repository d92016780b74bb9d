import { advice, ok, problem, unseen, type Finding } from '../finding.ts';
import type { DatabaseFacts, Table } from './facts.ts';
import { TABLES, type WantedIndex, type WantedTable } from './schema.ts';
import { quoteName } from './sql.ts';

/** denokv's tables against what it makes when it starts. */
export function checkTables(facts: DatabaseFacts): readonly Finding[] {
  const { tables, denokv, server } = facts;
  if (!tables.isSeen) return [unseen('schema.tables', `the catalogue cannot be read: ${tables.reason}`)];
  if (tables.value.length === 0 && denokv.database !== server.database) {
    return [
      unseen(
        'schema.tables',
        `denokv uses the database ${denokv.database}, the doctor is connected to ${server.database}`,
        [`# let the address in url_file end in /${denokv.database}`],
      ),
    ];
  }
  return [
    ...TABLES.flatMap((wanted) => {
      const table = tables.value.find(({ name }) => name === wanted.name);
      return table === undefined ? [missing(wanted, facts)] : checkTable(table, wanted, facts);
    }),
    checkVersionRow(facts),
    ...checkStatistics(tables.value),
  ];
}

function nameOf({ schema, name }: Table): string {
  return `${quoteName(schema)}.${quoteName(name)}`;
}

function missing({ name }: WantedTable, { server }: DatabaseFacts): Finding {
  return problem(`schema.${name}`, {
    says: `there is no table ${name} in the database ${server.database}`,
    why: 'requests that need it fail with 42P01 (missing_relation)',
    change: ['# restart denokv with a role that may create tables: it makes what is missing when it starts'],
  });
}

function checkTable(table: Table, wanted: WantedTable, { denokv }: DatabaseFacts): readonly Finding[] {
  return [checkColumns(table, wanted), checkPrivileges(table, denokv.role), checkIndexes(table, wanted)];
}

function checkColumns(table: Table, wanted: WantedTable): Finding {
  const check = `schema.${wanted.name}`;
  if (table.kind !== 'r' && table.kind !== 'p') {
    const why = 'denokv writes to it as to a table';
    return problem(check, { says: `${nameOf(table)} is no table`, why, change: ['# find out who replaced it'] });
  }
  const absent = wanted.columns.filter(({ name }) => !table.columns.some((column) => column.name === name));
  const changed = wanted.columns.flatMap(({ name, type }) => {
    const column = table.columns.find((one) => one.name === name);
    return column === undefined || column.type === type ? [] : [{ name, type, found: column.type }];
  });
  const extra = table.columns.filter(
    ({ name, isRequired }) => isRequired && !wanted.columns.some((one) => one.name === name),
  );
  const faults = [
    ...absent.map(({ name }) => `no column ${name}`),
    ...changed.map(({ name, type, found }) => `column ${name} is ${found}, not ${type}`),
    ...extra.map(({ name }) => `column ${name} is not denokv's, and must not be null`),
  ];
  if (faults.length === 0) return ok(check, `${nameOf(table)} has its columns`);
  const why = [
    absent.length > 0 ? 'statements that name a missing column fail with 42703 (missing_column)' : null,
    changed.length > 0 ? 'values of another type fail with type_mismatch, or panic denokv' : null,
    extra.length > 0 ? 'each insert fails with 23502 (not_null_violation)' : null,
  ];
  const alter = `ALTER TABLE ${nameOf(table)}`;
  return problem(check, {
    says: `${nameOf(table)}: ${faults.join('; ')}`,
    why: why.filter((part) => part !== null).join('; '),
    change: [
      ...absent.map(({ name, type }) => `${alter} ADD COLUMN ${name} ${type};`),
      ...changed.map(
        ({ name, type }) => `${alter} ALTER COLUMN ${name} TYPE ${type}; -- add USING where a cast is needed`,
      ),
      ...extra.map(({ name }) => `${alter} ALTER COLUMN ${quoteName(name)} DROP NOT NULL;`),
    ],
  });
}

function checkPrivileges(table: Table, role: string | null): Finding {
  const check = `schema.${table.name}.privileges`;
  if (role === null) {
    return unseen(check, "nothing says which role is denokv's", [
      "# in whyd's configuration: identity: { user: ROLE }",
    ]);
  }
  if (table.missingPrivileges.length === 0) return ok(check, `${role} may read and write ${nameOf(table)}`);
  return problem(check, {
    says: `${role} lacks ${table.missingPrivileges.join(', ')} on ${nameOf(table)}`,
    why: 'requests fail with 42501 (permission_denied)',
    change: [`GRANT ${table.missingPrivileges.join(', ')} ON ${nameOf(table)} TO ${quoteName(role)};`],
  });
}

function checkIndexes(table: Table, wanted: WantedTable): Finding {
  const check = `schema.${wanted.name}.indexes`;
  const broken = table.indexes.filter(({ isValid }) => !isValid);
  const hasKey = table.indexes.some(
    ({ isValid, isUnique, isPartial, columns }) =>
      isValid && isUnique && !isPartial && columns.length === 1 && columns[0] === wanted.key,
  );
  const absent = wanted.indexes.filter(
    ({ name, column, where }) =>
      // One that is there and broken is mended, not made again.
      !broken.some((index) => index.name === name) &&
      !table.indexes.some(
        (index) => index.isValid && index.columns[0] === column && (where !== null || !index.isPartial),
      ),
  );
  const faults = [
    ...broken.map(({ name }) => `${name} is invalid`),
    ...(hasKey ? [] : [`no unique index on ${wanted.key}`]),
    ...absent.map(({ column }) => `no index on ${column}`),
  ];
  if (faults.length === 0) return ok(check, `${nameOf(table)} has its indexes`);
  const why = [
    hasKey ? null : 'writes fail with 42P10, or keep several rows of one key',
    absent.length > 0 || broken.length > 0
      ? 'statements read the whole table, and run into timeouts as it grows'
      : null,
  ];
  return problem(check, {
    says: `${nameOf(table)}: ${faults.join('; ')}`,
    why: why.filter((part) => part !== null).join('; '),
    change: [
      ...broken.map(({ name }) => `REINDEX INDEX CONCURRENTLY ${quoteName(table.schema)}.${quoteName(name)};`),
      ...(hasKey ? [] : [`ALTER TABLE ${nameOf(table)} ADD PRIMARY KEY (${wanted.key});`]),
      ...absent.map((index) => createIndex(table, index)),
    ],
  });
}

function createIndex(table: Table, { name, column, where }: WantedIndex): string {
  return `CREATE INDEX CONCURRENTLY ${name} ON ${nameOf(table)} (${column})${where === null ? '' : ` WHERE ${where}`};`;
}

function checkVersionRow({ versionRows, tables, server }: DatabaseFacts): Finding {
  const check = 'schema.data_version.row';
  const table = tables.isSeen ? tables.value.find(({ name }) => name === 'data_version') : undefined;
  if (!versionRows.isSeen) {
    const grant = table === undefined ? [] : [`GRANT SELECT ON ${nameOf(table)} TO ${quoteName(server.role)};`];
    return unseen(check, `data_version cannot be read: ${versionRows.reason}`, grant);
  }
  if (versionRows.value > 0) return ok(check, 'data_version has its row');
  return problem(check, {
    says: 'data_version has no row with k = 0',
    why: 'every write fails with "query returned an unexpected number of rows" (data_version_missing)',
    // Never below a version that was given out: a versionstamp is the version, big-endian, and two bytes of zero.
    change: [
      "INSERT INTO data_version (k, version) SELECT 0, coalesce((SELECT ('x' || encode(substring(versionstamp FROM 1 FOR 8), 'hex'))::bit(64)::bigint FROM kv_store ORDER BY versionstamp DESC LIMIT 1), 0);",
    ],
  });
}

/** Fewer rows than this are read as fast without statistics. */
const FEW_ROWS = 1_000;
const MANY_DEAD_ROWS = 10_000;

function checkStatistics(tables: readonly Table[]): readonly Finding[] {
  const table = tables.find(({ name }) => name === 'kv_store');
  if (table === undefined) return [];
  const check = 'schema.kv_store.statistics';
  const { liveRows, deadRows, changedSinceAnalyze, isAnalyzed } = table;
  const isStale = changedSinceAnalyze > FEW_ROWS && changedSinceAnalyze > liveRows / 2;
  const isDead = deadRows > MANY_DEAD_ROWS && deadRows > liveRows;
  if (isStale || isDead) {
    const rows = `${String(liveRows)} rows, ${String(deadRows)} dead, ${String(changedSinceAnalyze)} changed since the last ANALYZE`;
    return [
      advice(check, {
        says: `statistics of ${nameOf(table)} are ${isAnalyzed ? 'stale' : 'missing'}: ${rows}`,
        why: 'the planner guesses, and reads of ranges may scan the table until statement_timeout ends them',
        change: [`VACUUM (ANALYZE) ${nameOf(table)};`, '# and see that autovacuum = on, and that it keeps up'],
      }),
    ];
  }
  return [ok(check, `statistics of ${nameOf(table)} are fresh enough (${String(liveRows)} rows)`)];
}
