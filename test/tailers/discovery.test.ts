import { utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from './bench.ts';

let bench: Bench;

afterEach(() => {
  bench.close();
});

const HOUR_MS = 3_600_000;

function age(name: string, hours: number): void {
  const at = new Date(Date.now() - hours * HOUR_MS);
  utimesSync(bench.path(name), at, at);
}

describe('how far back the first start reads', () => {
  beforeEach(() => {
    bench = new Bench(['*.log']);
    bench.sinceMs = Date.now() - 24 * HOUR_MS;
  });

  test('a file that nobody wrote to for longer is left alone, until somebody does', async () => {
    bench.create('old\n', 'old.log');
    bench.create('young\n', 'young.log');
    age('old.log', 48);
    bench.restart();
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['young']);
    bench.append('again\n', 'old.log');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['young', 'old', 'again']);
  });

  test('a file that was followed before is read on, however old it is by now', async () => {
    bench.create('1\n', 'a.log');
    bench.restart();
    await bench.settle();
    bench.append('2\n', 'a.log');
    age('a.log', 48);
    bench.restart();
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
  });
});

test('rotated logs that a pattern matches are read in the order of their names: copies have the times of the copying', async () => {
  bench = new Bench(['*.log*']);
  const names = ['x.log', 'x.log.1', 'x.log.2', 'x.log.10', 'y.log-20261123', 'y.log-20261122', 'y.log'];
  for (const [at, name] of names.entries()) {
    bench.create(`${name}\n`, name);
    age(name, names.length - at);
  }
  bench.restart();
  await bench.settle();
  expect(bench.ledger.lines).toEqual([
    ...['x.log.10', 'x.log.2', 'x.log.1', 'x.log'],
    ...['y.log-20261122', 'y.log-20261123', 'y.log'],
  ]);
});

test('the first start reads what was rotated of late, in its order, and nothing older', async () => {
  bench = new Bench();
  for (const [name, text, hours] of [
    ['x.log.3', 'ancient', 72],
    ['x.log.2', '1', 20],
    ['x.log.1', '2', 10],
    ['x.log', '3', 0],
  ] as const) {
    bench.create(`${text}\n`, name);
    age(name, hours);
  }
  bench.sinceMs = Date.now() - 24 * HOUR_MS;
  bench.readsHistory = true;
  bench.restart();
  await bench.settle();
  expect(bench.ledger.lines).toEqual(['1', '2', '3']);
  bench.restart();
  await bench.settle();
  expect(bench.ledger.repeats).toBe(0);
  expect(bench.ledger.lines).toEqual(['1', '2', '3']);
});

describe("fault 23: Postgres' current_logfiles", () => {
  beforeEach(() => {
    bench = new Bench(['current_logfiles']);
  });

  function point(text: string): void {
    writeFileSync(bench.path('current_logfiles'), text);
  }

  test('leads to the file in use, and to each that follows', async () => {
    bench.create('1\n', 'postgresql-Mon.log');
    point('stderr postgresql-Mon.log\n');
    await bench.settle();
    bench.create('2\n', 'postgresql-Tue.log');
    bench.append('1b\n', 'postgresql-Mon.log');
    point('stderr postgresql-Tue.log\n');
    await bench.settle();
    expect([...bench.ledger.lines].sort()).toEqual(['1', '1b', '2']);
    bench.restart();
    bench.append('3\n', 'postgresql-Tue.log');
    await bench.settle();
    expect([...bench.ledger.lines].sort()).toEqual(['1', '1b', '2', '3']);
    expect(bench.ledger.repeats).toBe(0);
  });

  test('of several formats the fullest is read, once', async () => {
    bench.create('plain\n', 'p.log');
    bench.create('csv\n', 'p.csv');
    point('stderr p.log\ncsvlog p.csv\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['csv']);
  });

  test('missing or half written, it is waited for, and what is followed stays followed', async () => {
    await bench.settle();
    expect(bench.roster.status()).toMatchObject([{ state: 'waiting', reason: 'Postgres has not said where it logs' }]);
    bench.create('1\n', 'p.log');
    point('stderr p.l');
    await bench.settle();
    expect(bench.ledger.lines).toEqual([]);
    point('stderr p.log\n');
    await bench.settle();
    point('');
    bench.append('2\n', 'p.log');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
    expect(bench.status('p.log')).toMatchObject({ state: 'following' });
  });
});
