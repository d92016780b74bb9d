import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../src/store/migrations.ts';
import { openIndex } from '../../src/store/open-index.ts';
import { NOON_US, OPENING, checkpointAt, postgresError, temporaryFolder } from './samples.ts';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'whyd.db');
});

afterEach(() => {
  folder.remove();
});

function makeIndex(): void {
  const index = openIndex(path);
  const fileId = index.openFile(OPENING);
  const events = Array.from({ length: 500 }, (_, place) => postgresError(fileId, place * 10, NOON_US + place));
  index.commit({ events, checkpoints: [checkpointAt(5000)] });
  index.close();
}

function makeForeign(): void {
  const database = new Sqlite(path);
  database.exec('CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 1;');
  database.close();
}

function changePragma(pragma: string): void {
  const database = new Sqlite(path);
  database.pragma(pragma);
  database.close();
}

function scribble(position: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0x5a, position, position + 2048);
  writeFileSync(path, bytes);
}

interface Refusal {
  readonly name: string;
  readonly prepare: () => void;
  readonly code: string;
}

const refusals: readonly Refusal[] = [
  {
    name: 'a text file',
    prepare: () => {
      writeFileSync(path, 'dear diary\n'.repeat(50));
    },
    code: 'index.not_a_database',
  },
  {
    name: 'a few bytes',
    prepare: () => {
      writeFileSync(path, 'SQLite');
    },
    code: 'index.not_a_database',
  },
  { name: "another program's database", prepare: makeForeign, code: 'index.foreign' },
  {
    name: 'a newer schema',
    prepare: () => {
      makeIndex();
      changePragma(`user_version = ${String(SCHEMA_VERSION + 1)}`);
    },
    code: 'index.newer_schema',
  },
  {
    name: 'a damaged schema page',
    prepare: () => {
      makeIndex();
      scribble(100);
    },
    code: 'index.corrupt',
  },
  {
    name: 'a damaged page further on',
    prepare: () => {
      makeIndex();
      scribble(40_000);
    },
    code: 'index.corrupt',
  },
  {
    name: 'a file without its end',
    prepare: () => {
      makeIndex();
      truncateSync(path, statSync(path).size - 8192);
    },
    code: 'index.corrupt',
  },
];

describe.each([false, true])('refused and left untouched, read only: %s', (readOnly) => {
  test.each(refusals)('$name', ({ prepare, code }) => {
    prepare();
    const before = readFileSync(path);
    expect(() => openIndex(path, { readOnly })).toThrow(
      expect.objectContaining({ code, hint: expect.any(String) as string }),
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a directory', () => {
    mkdirSync(path);
    expect(() => openIndex(path, { readOnly })).toThrow(expect.objectContaining({ code: 'index.is_directory' }));
    expect(readdirSync(path)).toEqual([]);
  });
});

test('a foreign file does not even get company', () => {
  makeForeign();
  expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'index.foreign' }));
  expect(readdirSync(folder.path)).toEqual(['whyd.db']);
});

test('a newer schema that only the write-ahead log knows of', () => {
  makeIndex();
  const newer = new Sqlite(path);
  newer.pragma(`user_version = ${String(SCHEMA_VERSION + 1)}`);
  const before = readFileSync(path);
  expect(before.readUInt32BE(60)).toBe(SCHEMA_VERSION);
  expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'index.newer_schema' }));
  expect(readFileSync(path).equals(before)).toBe(true);
  newer.close();
});

test('a folder that cannot be made or written', () => {
  writeFileSync(join(folder.path, 'file'), '');
  expect(() => openIndex(join(folder.path, 'file', 'whyd.db'))).toThrow(
    expect.objectContaining({ code: 'index.folder_unwritable' }),
  );
});

test.skipIf(process.getuid?.() === 0)('a folder without write permission', () => {
  chmodSync(folder.path, 0o500);
  expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'index.folder_unwritable' }));
});

test('a reader finds no index, and makes none', () => {
  expect(() => openIndex(path, { readOnly: true })).toThrow(expect.objectContaining({ code: 'index.missing' }));
  expect(existsSync(path)).toBe(false);
});

describe('a new index', () => {
  test('is made with its folder, for its owner only, also in place of an empty file', () => {
    const deep = join(folder.path, 'var', 'lib', 'whyd.db');
    openIndex(deep).close();
    expect(statSync(deep).mode & 0o777).toBe(0o600);
    writeFileSync(path, '', { mode: 0o644 });
    const index = openIndex(path);
    index.openFile(OPENING);
    for (const name of readdirSync(folder.path).filter((one) => one.startsWith('whyd.db'))) {
      expect([name, statSync(join(folder.path, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    index.close();
    index.close();
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('has the settings that exactly-once rests on', () => {
    makeIndex();
    const database = new Sqlite(path, { readonly: true });
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    expect(database.pragma('foreign_key_check')).toEqual([]);
    // FTS5 makes its own tables.
    const loose = database.prepare(
      "SELECT name FROM pragma_table_list WHERE type <> 'view' AND strict = 0 AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'failure_words%'",
    );
    expect(loose.all()).toEqual([]);
    database.close();
  });

  test('is read by another connection while it is written', () => {
    const writer = openIndex(path);
    const reader = openIndex(path, { readOnly: true });
    const fileId = writer.openFile(OPENING);
    writer.commit({ events: [postgresError(fileId, 0, NOON_US)], checkpoints: [] });
    expect(reader.eventsAfter(0)).toHaveLength(1);
    expect(() => {
      reader.setMeta('a', 'b');
    }).toThrow('may not be written');
    reader.close();
    writer.close();
  });
});
