import { readFileSync, readdirSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { WhydError } from '../errors.ts';

interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** Beside this file, in src/ as in dist/: the build copies the SQL. */
const FOLDER = new URL('./migrations/', import.meta.url);
const NAME = /^(\d{3})_[a-z_]+\.sql$/;

function readMigrations(): readonly Migration[] {
  const names = readdirSync(FOLDER).filter((name) => NAME.test(name));
  const migrations = names.sort().map((name) => ({
    version: Number(name.slice(0, 3)),
    sql: readFileSync(new URL(name, FOLDER), 'utf8'),
  }));
  migrations.forEach(({ version }, index) => {
    if (version === index + 1) return;
    throw new WhydError('internal.migrations', `migration ${String(index + 1)} is missing`, {
      hint: 'install whyd again: its files are incomplete',
    });
  });
  return migrations;
}

const MIGRATIONS = readMigrations();

/** The `user_version` of an index that this whyd writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

export function schemaVersionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/** Brings the schema up to date. Each step and its number commit together, so that a crash leaves a version that is what it says. */
export function migrate(database: Database): void {
  const step = database.transaction((migration: Migration) => {
    if (schemaVersionOf(database) >= migration.version) return; // Another process was first.
    database.exec(migration.sql);
    database.pragma(`user_version = ${String(migration.version)}`);
  });
  for (const migration of MIGRATIONS) {
    if (schemaVersionOf(database) < migration.version) step.immediate(migration);
  }
}
