import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from './bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => {
  bench.close();
});

/** Received = written, once and in order, and no gap was told. */
function expectWhole(...lines: readonly string[]): void {
  expect(bench.ledger.lines).toEqual(lines);
  expect(bench.ledger.repeats).toBe(0);
  expect(bench.ledger.gaps.filter(({ bytesLost }) => bytesLost !== 0)).toEqual([]);
}

async function readLines(...lines: readonly string[]): Promise<void> {
  bench.create(lines.map((line) => `${line}\n`).join(''));
  await bench.settle();
}

/** The file system's clock ticks in milliseconds; what happens within one tick leaves one time. */
function tick(name = 'x.log'): void {
  utimesSync(bench.path(name), new Date(), new Date(Date.now() + 5));
}

describe('rotation by renaming', () => {
  test('fault 1: rename and create', async () => {
    await readLines('1');
    bench.append('2\n');
    bench.rotate();
    bench.create('3\n');
    await bench.settle();
    expectWhole('1', '2', '3');
  });

  test('fault 2: rename, with the writer still on the old descriptor', async () => {
    await readLines('1');
    const writer = openSync(bench.path(), 'a');
    bench.rotate();
    await bench.look();
    writeSync(writer, '2\n');
    bench.create('3\n');
    await bench.look();
    closeSync(writer);
    await bench.settle();
    expectWhole('1', '2', '3');
  });

  test('fault 3: two rotations between two polls', async () => {
    await readLines('1');
    bench.rotate();
    bench.create('2\n');
    bench.rotate();
    bench.create('3\n');
    await bench.settle();
    expectWhole('1', '2', '3');
  });

  test('fault 4: a chain of .1 -> .2 while following and while down', async () => {
    await readLines('0');
    for (const line of ['1', '2', '3']) {
      bench.rotate();
      bench.create(`${line}\n`);
    }
    await bench.settle();
    bench.restart();
    for (const line of ['4', '5', '6']) {
      bench.rotate();
      bench.create(`${line}\n`);
    }
    await bench.settle();
    expectWhole('0', '1', '2', '3', '4', '5', '6');
  });

  test('fault 5: delete and recreate with the same inode', async () => {
    const lines: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      bench.create(`${String(round)}\n`);
      lines.push(String(round));
      await bench.settle();
      unlinkSync(bench.path());
      bench.pass(2000);
      await bench.settle();
    }
    expectWhole(...lines);
  });

  test('fault 6: rename while the daemon is down', async () => {
    await readLines('1');
    bench.restart();
    bench.append('2\n');
    bench.rotate();
    bench.create('3\n');
    await bench.settle();
    expectWhole('1', '2', '3');
  });

  test('fault 7: rotation and inode reuse while the daemon is down', async () => {
    await readLines('the first line of a file');
    bench.restart();
    rmSync(bench.path());
    bench.create('the first line of a file\nbut another one\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['the first line of a file', 'the first line of a file', 'but another one']);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'replaced_while_stopped', bytesLost: null }]);
  });

  test('fault 20: two files with the same first KiB', async () => {
    const wide = new Bench(['*.log']);
    try {
      const banner = `${'='.repeat(1500)}\n`;
      wide.create(`${banner}a\n`, 'a.log');
      wide.create(`${banner}b\n`, 'b.log');
      await wide.settle();
      wide.restart();
      wide.append('aa\n', 'a.log');
      wide.append('bb\n', 'b.log');
      await wide.settle();
      expect([...wide.ledger.lines].sort()).toEqual([banner.trim(), banner.trim(), 'a', 'aa', 'b', 'bb']);
    } finally {
      wide.close();
    }
  });

  test('fault 22: a link that is retargeted, then dangles, then is mended', async () => {
    bench.create('1\n', 'a');
    symlinkSync('a', bench.path());
    await bench.settle();
    bench.create('2\n', 'b');
    symlinkSync('b', bench.path('next'));
    renameSync(bench.path('next'), bench.path());
    await bench.settle();
    unlinkSync(bench.path());
    symlinkSync('nowhere', bench.path());
    await bench.settle();
    expect(bench.roster.status().some(({ state }) => state === 'waiting')).toBe(true);
    bench.create('3\n', 'nowhere');
    await bench.settle();
    expectWhole('1', '2', '3');
  });

  test('fault 24: a weekday file that is opened again with "w", while followed and while down', async () => {
    const week = new Bench(['postgresql-*.log']);
    try {
      week.create('monday 1\n', 'postgresql-Mon.log');
      week.create('tuesday 1\n', 'postgresql-Tue.log');
      await week.settle();
      writeFileSync(week.path('postgresql-Mon.log'), 'monday 2, a week later\n');
      await week.settle();
      week.restart();
      writeFileSync(week.path('postgresql-Tue.log'), 'tuesday 2, a week later\n');
      await week.settle();
      expect([...week.ledger.lines].sort()).toEqual([
        'monday 1',
        'monday 2, a week later',
        'tuesday 1',
        'tuesday 2, a week later',
      ]);
      expect(week.ledger.repeats).toBe(0);
      expect(week.ledger.gaps.map(({ reason }) => reason)).toEqual(['rewritten', 'rewritten']);
    } finally {
      week.close();
    }
  });

  test('fault 25: a section on the other side of a rotation or a restart comes in its place', async () => {
    await readLines('ERROR');
    bench.append('DETAIL, first half');
    await bench.look();
    bench.restart();
    bench.append(' and second\n');
    bench.rotate();
    bench.create('STATEMENT\n');
    await bench.settle();
    expectWhole('ERROR', 'DETAIL, first half and second', 'STATEMENT');
  });

  test('fault 34: gzip takes the place of a rotated file that was read', async () => {
    await readLines('1');
    bench.rotate();
    bench.create('2\n');
    await bench.settle();
    writeFileSync(bench.path('x.log.1.gz'), gzipSync('1\n'));
    rmSync(bench.path('x.log.1'));
    bench.append('3\n');
    await bench.settle();
    expectWhole('1', '2', '3');
  });
});

describe('truncation', () => {
  test('fault 8: copytruncate while followed, with lines that were not read yet', async () => {
    await readLines('1');
    bench.append('2\n');
    bench.copyTruncate();
    bench.append('3\n');
    await bench.settle();
    expectWhole('1', '2', '3');
  });

  test('fault 9: copytruncate while down, twice', async () => {
    await readLines('1');
    bench.restart();
    bench.append('2\n');
    bench.copyTruncate();
    bench.append('3\n');
    bench.copyTruncate();
    bench.append('4\n');
    await bench.settle();
    expectWhole('1', '2', '3', '4');
  });

  test('fault 10: truncation and a refill beyond the offset', async () => {
    await readLines('first!');
    truncateSync(bench.path());
    bench.append('other lines\nand more of them\n');
    tick();
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['first!', 'other lines', 'and more of them']);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'rewritten' }]);
  });

  test('fault 11: a refill of equal size', async () => {
    await readLines('first!');
    writeFileSync(bench.path(), 'other!\n');
    tick();
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['first!', 'other!']);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'rewritten', bytesLost: 0 }]);
  });

  test('fault 12: the copy is seen before the truncation, by a glob that matches it', async () => {
    const wide = new Bench(['x.log*']);
    try {
      wide.create('1\n');
      await wide.settle();
      copyFileSync(wide.path(), wide.path('x.log.1'));
      await wide.settle();
      truncateSync(wide.path());
      await wide.settle();
      wide.append('2\n');
      await wide.settle();
      wide.restart();
      await wide.settle();
      expect(wide.ledger.lines).toEqual(['1', '2']);
      expect(wide.ledger.repeats).toBe(0);
    } finally {
      wide.close();
    }
  });

  test('fault 13: a writer without O_APPEND leaves a hole of NULs', async () => {
    const writer = openSync(bench.path(), 'w');
    writeSync(writer, 'before\n');
    await bench.settle();
    truncateSync(bench.path());
    writeSync(writer, 'after\n');
    closeSync(writer);
    await bench.settle();
    expect(bench.ledger.lines.map((line) => line.replace(/^\0+/, ''))).toEqual(['before', 'after']);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'rewritten' }]);
  });

  test('fault 33: a size that goes backwards by a few bytes is a truncation', async () => {
    await readLines('1', '2', '3');
    truncateSync(bench.path(), 4);
    await bench.settle();
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'truncated' }]);
    bench.append('4\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2', '3', '1', '2', '4']);
  });
});

test('a hard link beside the log is the same file', async () => {
  const wide = new Bench(['*.log']);
  try {
    wide.create('1\n', 'a.log');
    linkSync(wide.path('a.log'), wide.path('b.log'));
    await wide.settle();
    expect(existsSync(wide.path('b.log'))).toBe(true);
    expect(wide.ledger.lines).toEqual(['1']);
  } finally {
    wide.close();
  }
});
