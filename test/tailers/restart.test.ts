import { rmSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from './bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => {
  bench.close();
});

describe('restart', () => {
  test('at every byte of a file: nothing lost, nothing twice', async () => {
    const text = 'one\ntwo two\n\nthree\nfour, the last\n';
    for (let cut = 0; cut <= text.length; cut += 1) {
      const one = new Bench();
      try {
        one.create(text.slice(0, cut));
        await one.settle();
        one.restart();
        await one.settle();
        one.append(text.slice(cut));
        await one.settle();
        expect(one.ledger.lines).toEqual(text.trimEnd().split('\n'));
        expect(one.ledger.repeats).toBe(0);
        expect(one.ledger.gaps).toEqual([]);
      } finally {
        one.close();
      }
    }
  });

  test('an unfinished line is read again from its start', async () => {
    bench.create('1\nhalf');
    await bench.settle();
    bench.restart();
    bench.append(' and half\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', 'half and half']);
    expect(bench.ledger.chunks.at(-1)).toMatchObject({ byteStart: 2, startsGeneration: false });
  });

  test('a file longer than the head and the marker is taken up where it was left', async () => {
    const lines = Array.from({ length: 400 }, (_, index) => `line ${String(index)}`);
    bench.create(`${lines.slice(0, 300).join('\n')}\n`);
    await bench.settle();
    bench.restart();
    bench.append(`${lines.slice(300).join('\n')}\n`);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(lines);
    expect(bench.ledger.repeats).toBe(0);
  });

  test('a rotation while stopped: the rest of the old file, then the new one', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.restart();
    bench.append('2\n');
    bench.rotate();
    bench.create('3\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2', '3']);
    expect(bench.ledger.repeats).toBe(0);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('a chain of rotations while stopped', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.restart();
    bench.append('2\n');
    for (const line of ['3', '4', '5']) {
      bench.rotate();
      bench.create(`${line}\n`);
    }
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2', '3', '4', '5']);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('a file moved to a name of no pattern while stopped is found by its identity', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.restart();
    bench.append('2\n');
    const { renameSync } = await import('node:fs');
    renameSync(bench.path(), bench.path('x.old'));
    bench.create('3\n');
    await bench.settle();
    expect([...bench.ledger.lines].sort()).toEqual(['1', '2', '3']);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('a file that vanished while stopped is a gap of unknown size', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.restart();
    unlinkSync(bench.path());
    bench.create('2\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
    expect(bench.ledger.gaps).toMatchObject([
      { reason: 'replaced_while_stopped', bytesLost: null, file: { generation: 0 } },
    ]);
    expect(bench.status()?.gaps).toBe(1);
  });

  test('a file that was read to its end and deleted before the stop is no gap', async () => {
    bench.create('1\n');
    await bench.settle();
    unlinkSync(bench.path());
    bench.pass(2000);
    await bench.settle();
    bench.pass(2000);
    await bench.settle();
    bench.restart();
    bench.create('2\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('a truncation while stopped begins a generation', async () => {
    bench.create('first\nsecond\n');
    await bench.settle();
    bench.restart();
    truncateSync(bench.path());
    bench.append('third\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['first', 'second', 'third']);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'truncated', bytesLost: null, file: { generation: 1 } }]);
  });

  test('a truncation and a refill past the offset while stopped', async () => {
    bench.create('first\n');
    await bench.settle();
    bench.restart();
    writeFileSync(bench.path(), 'other\nlines and more\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['first', 'other', 'lines and more']);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'rewritten', bytesLost: null }]);
  });

  test.each([
    [
      'the head is equal, the bytes before the offset are not',
      'same head\n'.repeat(150),
      'A'.repeat(300),
      'B'.repeat(300),
    ],
    ['the bytes before the offset are equal, the head is not', '', `A${'-'.repeat(2000)}`, `B${'-'.repeat(2000)}`],
  ])('another content of the same length: %s', async (_, head, first, second) => {
    bench.create(`${head}${first}\n`);
    await bench.settle();
    bench.restart();
    writeFileSync(bench.path(), `${head}${second}\n`);
    await bench.settle();
    expect(bench.ledger.lines.at(-1)).toBe(second);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'rewritten' }]);
  });

  test('generations survive a further restart', async () => {
    bench.create('first line\n');
    await bench.settle();
    truncateSync(bench.path());
    bench.append('2\n');
    await bench.settle();
    bench.restart();
    bench.append('3\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['first line', '2', '3']);
    expect(bench.ledger.repeats).toBe(0);
    expect(bench.ledger.openings.map((one) => one.generation)).toEqual([0, 1]);
  });

  test('equal heads do not confuse two files', async () => {
    const wide = new Bench(['*.log']);
    try {
      const banner = `${'starting up;'.repeat(100)}\n`;
      wide.create(`${banner}a\n`, 'a.log');
      wide.create(`${banner}b\n`, 'b.log');
      utimesSync(wide.path('a.log'), 1, 1);
      await wide.settle();
      wide.restart();
      wide.append('a2\n', 'a.log');
      wide.append('b2\n', 'b.log');
      await wide.settle();
      expect([...wide.ledger.lines].sort()).toEqual(['a', 'a2', 'b', 'b2', banner.trimEnd(), banner.trimEnd()].sort());
      expect(wide.ledger.gaps).toEqual([]);
    } finally {
      wide.close();
    }
  });

  test('an inode reused while stopped is another file, although its first bytes are equal', async () => {
    for (let round = 0; round < 10; round += 1) {
      bench.create('same\n');
      await bench.settle();
      bench.restart();
      rmSync(bench.path());
      bench.create('same\nmore\n');
      await bench.settle();
      expect(bench.ledger.lines).toEqual(Array.from({ length: round + 1 }, () => ['same', 'same', 'more']).flat());
      rmSync(bench.path());
      bench.restart();
    }
  });
});
