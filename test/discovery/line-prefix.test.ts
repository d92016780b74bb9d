import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostFiles } from '../../src/discovery/host-files.ts';
import { linePrefixOf } from '../../src/discovery/line-prefix.ts';
import type { PostgresErrorEvent } from '../../src/domain.ts';
import { parseLogs } from '../../src/parse.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'whyd-line-prefix-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, text = ''): string {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
}

const prefixOf = (log: string): string | null => linePrefixOf(new HostFiles(root), log);

describe('the prefix that a server is configured with', () => {
  test('stands in the data directory above the log, the last of several counts', () => {
    put('/pg/data/postgresql.conf', "log_line_prefix = '%t '\nlog_line_prefix='%m [%p] %q%u@%d ' # ours\n");
    expect(prefixOf('/pg/data/log/postgresql-Mon.log')).toBe('%m [%p] %q%u@%d ');
    expect(prefixOf('/pg/data/log/deep/postgresql-Mon.log')).toBe('%m [%p] %q%u@%d ');
    expect(prefixOf('/pg/data/serverlog')).toBe('%m [%p] %q%u@%d ');
    expect(prefixOf('/elsewhere/serverlog')).toBeNull();
  });

  test('is what ALTER SYSTEM and the included files made of it', () => {
    put('/pg/data/postgresql.conf', "log_line_prefix = '%t '\ninclude_dir 'conf.d'\n");
    put('/pg/data/conf.d/10-log.conf', "log_line_prefix 'it''s \\'%p\\' '\n");
    put('/pg/data/conf.d/ignored.bak', "log_line_prefix = 'x'\n");
    expect(prefixOf('/pg/data/log/a.log')).toBe("it's '%p' ");
    put('/pg/data/postgresql.auto.conf', "log_line_prefix = '%m %c '\n");
    expect(prefixOf('/pg/data/log/a.log')).toBe('%m %c ');
  });

  test('is not looked for without end where files include each other', () => {
    put('/pg/data/postgresql.conf', "include 'postgresql.conf'\nlog_line_prefix = '%m '\n");
    expect(prefixOf('/pg/data/log/a.log')).toBe('%m ');
  });

  test("is Debian's for the log of its cluster, rotated or not", () => {
    put('/etc/postgresql/16/main/postgresql.conf', "log_line_prefix = '%m [%p] %q%u@%d '\n");
    put('/etc/postgresql/14/old/postgresql.conf', "log_line_prefix = '%t '\n");
    expect(prefixOf('/var/log/postgresql/postgresql-16-main.log')).toBe('%m [%p] %q%u@%d ');
    expect(prefixOf('/var/log/postgresql/postgresql-14-old.log.2.gz')).toBe('%t ');
    expect(prefixOf('/var/log/postgresql/other.log')).toBeNull();
  });

  test('is that of the cluster whose collector writes into the folder', () => {
    put(
      '/var/lib/pgsql/data/postgresql.conf',
      "logging_collector = on\nlog_directory = '/srv/logs'\nlog_line_prefix = '%a|%m '\n",
    );
    expect(prefixOf('/srv/logs/postgresql-01.log')).toBe('%a|%m ');
  });

  test('is null where the configuration sets none', () => {
    put('/pg/data/postgresql.conf', "#log_line_prefix = '%m [%p] '\n");
    expect(prefixOf('/pg/data/log/a.log')).toBeNull();
  });
});

/** Nothing in these lines says where the user ends and the database begins. */
const TWO_NAMES = ['app', 'app', 'job'].map(
  (user) => `2026-11-24 05:00:00.000 UTC [7] kv ${user} my db ERROR:  division by zero\n`,
);

async function parsed(log: string): Promise<{ readonly prefix: string | null; readonly errors: PostgresErrorEvent[] }> {
  const errors: PostgresErrorEvent[] = [];
  const logs = await parseLogs([log], {
    timezone: null,
    linePrefix: null,
    keepStatements: false,
    onEvents: (events) => {
      errors.push(...events.filter((event) => event.kind === 'postgres_error'));
    },
  });
  return { prefix: logs[0]?.status.detection?.linePrefix ?? null, errors };
}

describe('a log beside its configuration', () => {
  test('is read by it, also through a link', async () => {
    const log = put('/data/log/postgresql.log', TWO_NAMES.join(''));
    put('/data/postgresql.conf', "log_line_prefix = '%m [%p] kv %u my %d '\n");
    symlinkSync(log, join(root, 'link.log'));
    for (const path of [log, join(root, 'link.log')]) {
      const { prefix, errors } = await parsed(path);
      expect(prefix).toBe('%m [%p] kv %u my %d ');
      expect(errors.map(({ user, database }) => [user, database])).toEqual([
        ['app', 'db'],
        ['app', 'db'],
        ['job', 'db'],
      ]);
    }
  });

  test('is read by what its lines show where the configuration is younger', async () => {
    const old = TWO_NAMES.map((line) => line.replace('kv app my db', 'app@kv').replace('kv job my db', 'job@kv'));
    const log = put('/data/log/postgresql.log', old.join(''));
    put('/data/postgresql.conf', "log_line_prefix = '%t:%r:%u@%d:[%p]:'\n");
    const { prefix, errors } = await parsed(log);
    expect(prefix).toBe('%m [%p] %u@%d ');
    expect(errors).toHaveLength(3);
  });
});
