import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PostgresEvent } from '../../../src/domain.ts';
import { contentOf, isPostgres, parseText } from './parse-text.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/logs/three-forms');

function entriesOf(name: string): PostgresEvent[] {
  return [...parseText(readFileSync(join(FOLDER, name)), { keepStatements: true, file: name }).events].filter(
    isPostgres,
  );
}

/** What the prefix of a stderr log leaves out is no difference. */
function asFarAsPrinted(event: PostgresEvent, printed: PostgresEvent): object {
  const known = contentOf(printed);
  return Object.fromEntries(
    Object.entries(contentOf(event)).map(([key, value]) => [
      key,
      known[key as keyof typeof known] === null ? null : value,
    ]),
  );
}

describe('one server log in three forms', () => {
  it.each(['failures', 'edge'])('%s: csvlog and jsonlog give the same entries, field by field', (name) => {
    const json = entriesOf(`${name}.json`).map(contentOf);
    expect(json.length).toBeGreaterThan(70);
    expect(entriesOf(`${name}.csv`).map(contentOf)).toEqual(json);
  });

  it('failures: stderr gives the same entries', () => {
    const json = entriesOf('failures.json');
    const stderr = entriesOf('failures.log');
    expect(stderr.map(contentOf)).toEqual(json.map((event, index) => asFarAsPrinted(event, stderr[index] ?? event)));
    // Its prefix says nearly all: nothing passes because it was not read.
    expect(
      stderr.every(({ pid, sqlstate, backendType }) => pid !== null && sqlstate !== null && backendType !== null),
    ).toBe(true);
  });

  it('edge: stderr gives the same entries through three prefixes, four languages and every verbosity', () => {
    const json = entriesOf('edge.json');
    const stderr = entriesOf('edge.log');
    const key = (event: PostgresEvent): string =>
      `${String(event.at?.us)} ${String(event.pid)} ${event.severity} ${event.message}`;
    const byKey = new Map(stderr.map((event) => [key(event), event]));
    expect(json.filter((event) => !byKey.has(key(event)))).toEqual([]);
    const pairs = json.map((event) => [event, byKey.get(key(event)) ?? event] as const);
    expect(pairs.map(([, printed]) => contentOf(printed))).toEqual(
      pairs.map(([event, printed]) => asFarAsPrinted(event, printed)),
    );
    const kitchenSink = stderr.find(({ user }) => user === 'ro,le x');
    expect(kitchenSink).toMatchObject({
      database: 'we ird,db',
      application: 'psql',
      client: '[local]',
      sqlstate: '22012',
      pid: 24725,
    });
  });
});
