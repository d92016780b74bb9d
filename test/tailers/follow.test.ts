import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench } from './bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => {
  bench.close();
});

test('what was rotated away is told from the file that has its name now', async () => {
  const said = (): readonly (string | null)[] =>
    bench.roster.status().map(({ path, reason }) => (path === bench.path() ? reason : path));
  bench.create('1\n');
  await bench.settle();
  expect(said()).toEqual([null]);
  bench.rotate();
  bench.create('2\n');
  await bench.look();
  expect(said()).toEqual([expect.stringContaining('rotated or removed'), null]);
  bench.pass(2000);
  await bench.look();
  await bench.look();
  expect(said()).toEqual([null]);
});

describe('growth', () => {
  test('lines arrive whole and once, however the writes are cut', async () => {
    const text = Buffer.from('één\ntwo — 二\r\n\nthree\n');
    bench.create();
    for (const byte of text) {
      bench.append(Buffer.of(byte).toString('latin1'), 'unused');
      const descriptor = openSync(bench.path(), 'a');
      writeSync(descriptor, Buffer.of(byte));
      closeSync(descriptor);
      await bench.look();
    }
    expect(bench.ledger.lines).toEqual(['één', 'two — 二\r', '', 'three']);
    expect(bench.ledger.repeats).toBe(0);
    expect(bench.ledger.chunks.filter((chunk) => chunk.startsGeneration)).toHaveLength(1);
  });

  test('an unfinished line is held, not sent', async () => {
    bench.create('whole\nunfini');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['whole']);
    bench.append('shed\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['whole', 'unfinished']);
  });

  test('a long file is read in turns, so that another file is not kept waiting', async () => {
    const crowded = new Bench(['*.log']);
    try {
      const line = `${'y'.repeat(99)}\n`;
      crowded.create(line.repeat(30_000), 'big.log');
      crowded.create('small\n', 'small.log');
      utimesSync(crowded.path('big.log'), 1, 1);
      await crowded.look();
      expect(crowded.ledger.lines).toContain('small');
      expect(crowded.status('big.log')).toMatchObject({ state: 'reading', atEnd: false });
      expect(crowded.status('big.log')?.lagBytes).toBeGreaterThan(0);
      await crowded.settle();
      expect(crowded.ledger.lines).toHaveLength(30_001);
      expect(crowded.status('big.log')).toMatchObject({ state: 'following', atEnd: true, lagBytes: 0 });
    } finally {
      crowded.close();
    }
  });

  test('the time at which the end was seen is given, for settling', async () => {
    const before = Date.now();
    bench.create('a\n');
    await bench.settle();
    const seen = bench.status()?.endSeenAtMs ?? 0;
    expect(seen).toBeGreaterThanOrEqual(before);
    expect(seen).toBeLessThanOrEqual(Date.now());
  });
});

describe('rotation by rename', () => {
  test('the old file is drained before its successor is read', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.append('2\n');
    bench.rotate();
    bench.create('3\n');
    await bench.look();
    expect(bench.ledger.lines).toEqual(['1', '2']);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2', '3']);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('a writer that still has the old file is heard', async () => {
    bench.create('1\n');
    const writer = openSync(bench.path(), 'a');
    await bench.settle();
    bench.rotate();
    await bench.settle();
    writeSync(writer, '2\n');
    await bench.settle();
    bench.create('4\n');
    await bench.look();
    writeSync(writer, '3\n');
    closeSync(writer);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2', '3', '4']);
    expect(bench.ledger.ended).toEqual([]);
    bench.pass(2000);
    await bench.look();
    expect(bench.ledger.ended).toEqual([1]);
  });

  test('a renamed file is kept for as long as nobody takes its name', async () => {
    bench.create('1\n');
    const writer = openSync(bench.path(), 'a');
    await bench.settle();
    bench.rotate();
    await bench.settle();
    bench.pass(1_000_000);
    await bench.settle();
    writeSync(writer, '2\n');
    closeSync(writer);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
    expect(bench.ledger.ended).toEqual([]);
  });

  test('a successor does not wait for a file that fails for ever', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.append('2\n');
    bench.ledger.refuseFile = 1;
    bench.rotate();
    bench.create('3\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '3']);
    bench.ledger.refuseFile = null;
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '3', '2']);
  });

  test('a writer that never lets go delays its successor only for a while', async () => {
    bench.create('0\n');
    const writer = openSync(bench.path(), 'a');
    await bench.settle();
    bench.rotate();
    bench.create('new\n');
    for (let round = 0; round < 30; round += 1) {
      writeSync(writer, 'old\n');
      await bench.look();
      bench.pass(5);
    }
    closeSync(writer);
    expect(bench.ledger.lines).toContain('new');
  });

  test('two rotations between two looks: the one in the middle is found by its name', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.rotate();
    bench.create('2\n');
    bench.rotate();
    bench.create('3\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2', '3']);
  });

  test('old rotations are not read when the history is unknown', async () => {
    bench.create('ancient\n', 'x.log.1');
    bench.create('1\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1']);
  });

  test('a rotated file that the glob matches keeps its identity', async () => {
    const wide = new Bench(['x.log*']);
    try {
      wide.create('1\n');
      await wide.settle();
      wide.append('2\n');
      wide.rotate();
      wide.create('3\n');
      await wide.settle();
      expect(wide.ledger.lines).toEqual(['1', '2', '3']);
      expect(wide.ledger.openings).toHaveLength(2);
      expect(wide.status('x.log.1')).toMatchObject({ fileId: 1, state: 'following' });
    } finally {
      wide.close();
    }
  });

  test('compressed archives that a glob matches are left alone', async () => {
    const wide = new Bench(['x.log*']);
    try {
      wide.create('1\n');
      wide.create('not text', 'x.log.2.gz');
      await wide.settle();
      expect(wide.ledger.lines).toEqual(['1']);
    } finally {
      wide.close();
    }
  });
});

describe('truncation', () => {
  test('copytruncate after all was read loses nothing', async () => {
    bench.create('1\n2\n');
    await bench.settle();
    copyFileSync(bench.path(), bench.path('x.log.1'));
    truncateSync(bench.path());
    await bench.settle();
    bench.append('3\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2', '3']);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'truncated', bytesLost: 0 }]);
    expect(bench.status()?.gaps).toBe(0);
    expect(bench.ledger.ended).toEqual([1]);
    expect(bench.ledger.chunks.at(-1)).toEqual({ fileId: 2, byteStart: 0, length: 2, startsGeneration: true });
  });

  test('bytes that were seen and not read are counted', async () => {
    const line = `${'z'.repeat(99)}\n`;
    bench.create(line.repeat(10_000));
    await bench.look();
    const lag = bench.status()?.lagBytes ?? 0;
    expect(lag).toBeGreaterThan(0);
    truncateSync(bench.path());
    bench.append('next\n');
    await bench.settle();
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'truncated', bytesLost: lag }]);
    expect(bench.status()?.gaps).toBe(1);
    expect(bench.ledger.lines.at(-1)).toBe('next');
  });

  test.each(['other\nlines, and more of them\n', 'others\n'])(
    'a refill past or up to the offset is seen: %j',
    async (refill) => {
      bench.create('first!\n');
      await bench.settle();
      writeFileSync(bench.path(), refill);
      // The file system's clock ticks in milliseconds; a refill in the same tick as the read would not be a real one.
      utimesSync(bench.path(), new Date(), new Date(Date.now() + 5));
      await bench.settle();
      expect(bench.ledger.lines).toEqual(['first!', ...refill.trimEnd().split('\n')]);
      expect(bench.ledger.gaps).toMatchObject([{ reason: 'rewritten', bytesLost: 0 }]);
    },
  );

  test('a writer without O_APPEND leaves a run of NULs, and what follows it is still read', async () => {
    const writer = openSync(bench.path(), 'w');
    writeSync(writer, 'before\n');
    await bench.settle();
    truncateSync(bench.path());
    writeSync(writer, 'after\n');
    closeSync(writer);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['before', `${'\0'.repeat(7)}after`]);
    expect(bench.ledger.gaps).toMatchObject([{ reason: 'rewritten' }]);
  });
});

describe('names that come and go', () => {
  test('delete and recreate, the inode reused or not', async () => {
    for (let round = 0; round < 20; round += 1) {
      bench.create(`${String(round)}\n`);
      await bench.settle();
      unlinkSync(bench.path());
      if (round % 2 === 0) {
        bench.pass(2000);
        await bench.settle();
      }
    }
    expect(bench.ledger.lines).toEqual(Array.from({ length: 20 }, (_, round) => String(round)));
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('what is written to a deleted file is read until its writer is gone', async () => {
    bench.create('1\n');
    const writer = openSync(bench.path(), 'a');
    await bench.settle();
    unlinkSync(bench.path());
    writeSync(writer, '2\n');
    closeSync(writer);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
    bench.pass(2000);
    await bench.look();
    expect(bench.ledger.ended).toEqual([1]);
    expect(bench.roster.status()).toMatchObject([{ state: 'waiting', reason: 'no such file yet', fileId: null }]);
  });

  test('a file that is not there yet is waited for', async () => {
    await bench.settle();
    expect(bench.status()).toMatchObject({ state: 'waiting' });
    expect(bench.status()?.hint).not.toBeNull();
    bench.create('1\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1']);
    expect(bench.status()).toMatchObject({ state: 'following', reason: null, hint: null });
  });

  test('a directory in place of the file is a failure that heals', async () => {
    mkdirSync(bench.path());
    await bench.settle();
    expect(bench.status()).toMatchObject({ state: 'failing', reason: 'is a directory' });
    rmdirSync(bench.path());
    bench.create('1\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1']);
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read is retried', async () => {
    writeFileSync(bench.path(), '1\n', { mode: 0o000 });
    await bench.settle();
    expect(bench.status()).toMatchObject({ state: 'failing', reason: 'permission denied' });
  });

  test('a symbolic link is followed, and again when it is retargeted', async () => {
    bench.create('1\n', 'a');
    bench.create('2\n', 'b');
    symlinkSync('a', bench.path());
    await bench.settle();
    bench.append('1b\n', 'a');
    symlinkSync('b', bench.path('next'));
    renameSync(bench.path('next'), bench.path());
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '1b', '2']);
    unlinkSync(bench.path());
    symlinkSync('nowhere', bench.path());
    await bench.settle();
    expect(bench.roster.status().map((one) => one.state)).toContain('waiting');
  });

  test('a link and its file under one glob are one file', async () => {
    const wide = new Bench(['*.log']);
    try {
      wide.create('1\n', 'app-1.log');
      symlinkSync('app-1.log', wide.path('current.log'));
      await wide.settle();
      expect(wide.ledger.lines).toEqual(['1']);
      expect(wide.roster.status()).toHaveLength(1);
    } finally {
      wide.close();
    }
  });

  test('a glob without a match is shown, and a name with brackets is a name when it exists', async () => {
    const wide = new Bench(['none-*.log', 'a[1].log']);
    try {
      wide.create('1\n', 'a[1].log');
      await wide.settle();
      expect(wide.status('none-*.log')).toMatchObject({ state: 'waiting', reason: 'no file matches yet' });
      expect(wide.ledger.lines).toEqual(['1']);
    } finally {
      wide.close();
    }
  });
});

describe('back-pressure', () => {
  test('a handler that throws holds the position until it works again', async () => {
    bench.create('1\n');
    await bench.settle();
    bench.append('2\n');
    bench.ledger.refuse = new Error('database or disk is full');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1']);
    expect(bench.status()).toMatchObject({
      state: 'failing',
      reason: 'database or disk is full',
      offset: 2,
      atEnd: false,
    });
    expect(bench.status()?.lagBytes).toBe(2);
    bench.ledger.refuse = null;
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
    expect(bench.ledger.repeats).toBe(0);
  });

  test('no descriptor is left open', async () => {
    const { readdirSync } = await import('node:fs');
    const held = (): number => readdirSync('/proc/self/fd').length;
    if (!statSync('/proc/self/fd', { throwIfNoEntry: false })) return;
    const before = held();
    bench.create('1\n');
    await bench.settle();
    expect(held()).toBe(before + 1);
    bench.roster.close();
    expect(held()).toBe(before);
  });
});
