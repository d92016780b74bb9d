import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { DenokvErrorEvent, FileCheckpoint, FileOpening, PostgresErrorEvent, Verdict } from '../../src/domain.ts';
import { APPLICATION_ID } from '../../src/store/admission.ts';

/** 2026-11-23T10:00:00Z in microseconds. */
export const NOON_US = Date.UTC(2026, 10, 23, 10) * 1000;

export const OPENING: FileOpening = {
  kind: 'postgres',
  path: '/logs/postgresql.log',
  identity: { dev: '2049', ino: '9007199254740993', birthtimeNs: '1790000000000000001' },
  generation: 0,
};

export function checkpointAt(offset: number, opening: FileOpening = OPENING): FileCheckpoint {
  const { path, identity, generation } = opening;
  const proof = { headHash: 'aa', headBytes: 2, markerHash: 'bb', markerBytes: 2 };
  return { ...identity, path, generation, offset, ...proof };
}

export function postgresError(
  fileId: number,
  byteStart: number,
  atUs: number | null,
  message = 'deadlock detected',
): PostgresErrorEvent {
  return {
    kind: 'postgres_error',
    format: 'postgres_stderr',
    at: atUs === null ? null : { us: atUs, precision: 'millisecond', zone: 'read' },
    citation: { fileId, file: 'postgresql.log', line: 1, lines: 1, byteStart, byteEnd: byteStart + 10 },
    severity: 'ERROR',
    sqlstate: '40P01',
    message,
    detail: null,
    hint: null,
    context: null,
    statement: null,
    durationMs: null,
    pid: 3121,
    session: null,
    user: 'denokv',
    database: 'kv',
    application: null,
    client: null,
    backendType: null,
  };
}

export function denokvError(fileId: number, byteStart: number, atUs: number): DenokvErrorEvent {
  return {
    kind: 'denokv_error',
    format: 'denokv',
    at: { us: atUs, precision: 'second', zone: 'read' },
    citation: { fileId, file: 'denokv.log', line: 7, lines: 1, byteStart, byteEnd: byteStart + 10 },
    text: 'db error',
    body: { kind: 'bare' },
    connecting: false,
    operation: 'atomic_write',
  };
}

export interface VerdictParts {
  readonly issue?: string;
  readonly at?: string | null;
  readonly byteStart?: number;
  readonly text?: string;
  readonly cause?: string;
  readonly sqlstate?: string | null;
  readonly certainty?: Verdict['cause']['certainty'];
  readonly operation?: Verdict['operation'];
  readonly settled?: boolean;
}

export function verdict(id: string, parts: VerdictParts = {}): Verdict {
  const { at = '2026-11-23T10:00:00.000Z', byteStart = 0, text = 'Database error: db error' } = parts;
  const { cause = 'deadlock', sqlstate = '40P01', certainty = 'certain', settled = true } = parts;
  return {
    kind: 'failure',
    id,
    at,
    atPrecision: at === null ? null : 'second',
    status: 500,
    operation: parts.operation ?? null,
    requestId: null,
    symptom: { source: 'denokv', file: 'denokv.log', line: 1, byteStart, byteEnd: byteStart + 10, text },
    cause: { id: cause, category: 'deadlock', sqlstate, summary: 's', confidence: 0.99, certainty },
    postgres: null,
    alternatives: [],
    root: null,
    evidence: [],
    remedies: [],
    coverage: { denokv: 'complete', postgres: 'complete', settled },
    issue: parts.issue ?? 'i_1',
  };
}

/** A temporary folder with a releaser. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'whyd-store-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

const MIGRATIONS = new URL('../../src/store/migrations/', import.meta.url);

/** Makes a closed index one that an earlier whyd wrote: the same rows, in the tables of that version. */
export function downgrade(path: string, version: number): void {
  const draft = `${path}.old`;
  const old = new Sqlite(draft);
  old.pragma('auto_vacuum = INCREMENTAL');
  old.pragma(`application_id = ${String(APPLICATION_ID)}`);
  for (const name of readdirSync(MIGRATIONS).sort().slice(0, version))
    old.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
  old.pragma(`user_version = ${String(version)}`);
  old.prepare('ATTACH ? AS now').run(path);
  const shared = old
    .prepare<[], { name: string; columns: string }>(
      `SELECT l.name, group_concat('"' || c.name || '"') AS columns
       FROM pragma_table_list l JOIN pragma_table_info(l.name) c
         JOIN pragma_table_info(l.name, 'now') n ON n.name = c.name
       WHERE l.schema = 'main' AND l.strict = 1 GROUP BY l.name`,
    )
    .all();
  old.pragma('foreign_keys = OFF');
  for (const { name, columns } of shared)
    old.exec(`INSERT OR IGNORE INTO main."${name}" (${columns}) SELECT ${columns} FROM now."${name}"`);
  old.close();
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
  renameSync(draft, path);
}
