import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identityOf } from '../../src/tailers/file-identity.ts';
import { Spool } from '../../src/tailers/spool.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-spool-'));
  path = join(folder, 'in', 'postgres.log');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function opened(options: { maxFileBytes?: number; keptFiles?: number } = {}): Spool {
  const spool = new Spool({ path, ...options });
  spool.open();
  return spool;
}

function write(spool: Spool, text: string): void {
  spool.append(Buffer.from(text));
  spool.flush();
}

const names = (): readonly string[] => readdirSync(join(folder, 'in')).sort();
const openingOf = (generation = 0) => ({
  kind: 'postgres' as const,
  path,
  identity: identityOf(statSync(path, { bigint: true })),
  generation,
});

describe('a spool', () => {
  test('may be read by its owner only, and goes on after a restart', () => {
    write(opened(), 'a\n');
    write(opened(), 'b\n');
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'in')).mode & 0o777).toBe(0o700);
  });

  test('rotates between lines, and keeps so many files', () => {
    const spool = opened({ maxFileBytes: 10, keptFiles: 2 });
    for (let number = 0; number < 9; number += 1) write(spool, `line ${String(number)}\nli`.slice(0, 7));
    write(spool, '12345678\n1234');
    write(spool, '5678\nx\ny');
    expect(names()).toHaveLength(3);
    for (const name of names().filter((one) => one !== 'postgres.log'))
      expect(readFileSync(join(folder, 'in', name), 'utf8')).toMatch(/\n$/);
    expect(readFileSync(path, 'utf8')).toBe('y');
  });

  test('a line that was torn by a kill is not continued by the next run', () => {
    write(opened(), 'torn');
    write(opened(), 'new\n');
    expect(readFileSync(path, 'utf8')).toBe('torn\nnew\n');
  });

  test('killed while a sender was connected: the next run has a gap before what comes then, until it is told', () => {
    const killed = opened();
    killed.mark();
    write(killed, 'before\n');
    const first = opened();
    const gap = { reason: 'killed_while_receiving', bytesLost: null };
    // It may be asked more than once: the index may be busy.
    expect(first.gapBefore(openingOf())).toEqual(gap);
    expect(first.gapBefore(openingOf())).toEqual(gap);
    expect(first.gapBefore(openingOf(1))).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe('');
    expect(names()).toHaveLength(3);
    first.unmark();
    const second = opened();
    expect(second.gapBefore(openingOf())).toBeNull();
    expect(names()).toHaveLength(2);
  });

  test('a gap that nobody was told of is still there after the next start', () => {
    opened().mark();
    const second = opened();
    second.unmark();
    expect(opened().gapBefore(openingOf())).not.toBeNull();
  });

  test('ended with nothing on its way: no gap', () => {
    const spool = opened();
    spool.mark();
    write(spool, 'a\n');
    spool.unmark();
    spool.close();
    appendFileSync(path, '');
    expect(opened().gapBefore(openingOf())).toBeNull();
  });
});
