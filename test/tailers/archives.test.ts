import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { Tailer } from '../../src/tailers/tailer.ts';
import { Bench } from './bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => {
  bench.close();
});

/** `ageMs`: when it was written to last, as gzip keeps it. */
function archive(name: string, text: string, ageMs = 0): void {
  writeFileSync(bench.path(name), gzipSync(text));
  const at = new Date(Date.now() - ageMs);
  utimesSync(bench.path(name), at, at);
}

/** As `gzip FILE` does. */
function compress(name: string, text: string): void {
  archive(`${name}.gz`, text);
  rmSync(bench.path(name));
}

function firstRun(sinceMs: number | null = null): void {
  bench.readsHistory = true;
  bench.sinceMs = sinceMs;
  bench.restart();
}

const unpacked = (): readonly string[] => (existsSync(bench.unpackFolder) ? readdirSync(bench.unpackFolder) : []);
const paragraph = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `line ${String(from + at)} ${'x'.repeat(4)}\n`).join('');
const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n');

describe('archives', () => {
  test('back-fill: .3.gz, .2.gz, .1 and the live file, in the order in which they were written, without a seam', async () => {
    archive('x.log.10.gz', paragraph(0, 100));
    archive('x.log.2.gz', paragraph(100, 200));
    bench.create(paragraph(200, 300), 'x.log.1');
    bench.create(paragraph(300, 400));
    firstRun();
    await bench.settle();
    bench.append(paragraph(400, 500));
    await bench.settle();
    expect(bench.ledger.lines).toEqual(linesOf(paragraph(0, 500)));
    expect(bench.ledger.repeats).toBe(0);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('back-fill goes no further back than it is told', async () => {
    archive('x.log.3.gz', 'old\n', 7_200_000);
    archive('x.log.2.gz', 'young\n', 60_000);
    bench.create('live\n');
    firstRun(Date.now() - 3_600_000);
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['young', 'live']);
  });

  test('archives of dated logs, which a glob names without their ending', async () => {
    bench.close();
    bench = new Bench(['pg-*.log']);
    archive('pg-2026-11-22.log.gz', '1\n', 2000);
    archive('pg-2026-11-23.log.gz', '2\n', 1000);
    bench.create('3\n', 'pg-2026-11-24.log');
    firstRun();
    await bench.settle();
    expect(bench.ledger.lines.toSorted()).toEqual(['1', '2', '3']);
  });

  test('an archive whose plain file is there still is left to the compressor', async () => {
    bench.create('1\n', 'x.log.1');
    writeFileSync(bench.path('x.log.1.gz'), gzipSync('1\n').subarray(0, 5));
    bench.create('2\n');
    firstRun();
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', '2']);
  });

  test('a restart amid the back-fill goes on within the archive', async () => {
    // More than one read.
    const text = paragraph(0, 30_000);
    archive('x.log.1.gz', text);
    bench.create('live\n');
    firstRun();
    await bench.look();
    expect(bench.ledger.lines.length).toBeGreaterThan(0);
    expect(bench.ledger.lines.length).toBeLessThan(30_000);
    bench.readsHistory = false;
    bench.restart();
    await bench.settle();
    expect(bench.ledger.lines).toEqual([...linesOf(text), 'live']);
    expect(bench.ledger.repeats).toBe(0);
  });

  test('fault 34: compressed while down: its rest is read from the archive under its own identity, then what came after it', async () => {
    bench.create(paragraph(0, 100));
    await bench.settle();
    bench.restart();
    bench.append(paragraph(100, 200));
    bench.rotate();
    compress('x.log.1', paragraph(0, 200));
    bench.create(paragraph(200, 300));
    await bench.settle();
    expect(bench.ledger.lines).toEqual(linesOf(paragraph(0, 300)));
    expect(bench.ledger.repeats).toBe(0);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('fault 34: rotated twice and compressed while down', async () => {
    bench.create(paragraph(0, 100));
    await bench.settle();
    archive('x.log.9.gz', 'of long ago, and never wanted\n');
    bench.restart();
    bench.append(paragraph(100, 150));
    bench.rotate();
    compress('x.log.1', paragraph(0, 150));
    archive('x.log.2.gz', paragraph(0, 150));
    rmSync(bench.path('x.log.1.gz'));
    archive('x.log.1.gz', paragraph(150, 200));
    bench.create(paragraph(200, 300));
    await bench.settle();
    expect(bench.ledger.lines).toEqual(linesOf(paragraph(0, 300)));
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('fault 34: compressed after it was read: nothing twice, live or over a restart', async () => {
    bench.create(paragraph(0, 100));
    await bench.settle();
    bench.rotate();
    bench.create(paragraph(100, 200));
    await bench.settle();
    compress('x.log.1', paragraph(0, 100));
    await bench.settle();
    bench.restart();
    bench.append(paragraph(200, 250));
    await bench.settle();
    expect(bench.ledger.lines).toEqual(linesOf(paragraph(0, 250)));
    expect(bench.ledger.repeats).toBe(0);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('a damaged archive is read as far as it goes, and its trouble is told', async () => {
    const text = paragraph(0, 2000);
    const packed = gzipSync(text, { level: 0 });
    writeFileSync(bench.path('x.log.1.gz'), packed.subarray(0, packed.length - 5000));
    bench.create('live\n');
    firstRun();
    await bench.settle();
    const { lines } = bench.ledger;
    expect(lines.length).toBeGreaterThan(1000);
    expect(lines.slice(0, 1000)).toEqual(linesOf(text).slice(0, 1000));
    expect(lines.at(-1)).toBe('live');
    expect(bench.roster.status().find(({ state }) => state === 'failing')).toMatchObject({
      path: bench.path('x.log.1.gz'),
      hint: 'see what gzip -t says of it',
    });
  });

  test('what was unpacked goes when it has been read, and when the run ends', async () => {
    archive('x.log.1.gz', paragraph(0, 50));
    bench.create('live\n');
    firstRun();
    await bench.look();
    expect(unpacked()).toHaveLength(1);
    await bench.settle();
    bench.pass(5000);
    await bench.look();
    expect(unpacked()).toEqual([]);
  });

  test('a stop does not wait until a large one is unpacked, and takes on nothing that comes after it', async () => {
    const megabytes = 1024;
    const member = gzipSync(Buffer.alloc(2 ** 24, 'x\n'));
    writeFileSync(bench.path('x.log.1.gz'), Buffer.concat(Array.from({ length: megabytes / 16 }, () => member)));
    bench.create('live\n');
    const opened: string[] = [];
    const tailer = new Tailer({
      sources: [{ kind: 'denokv', paths: [bench.path('x.log')] }],
      handler: {
        openFile: ({ path }) => opened.push(path),
        onChunk: () => undefined,
        onEnd: () => undefined,
      },
      checkpoints: {
        byIdentity: () => null,
        byPath: () => null,
        inFolder: () => [],
        generations: () => [],
        openedAtMs: () => null,
      },
      watch: false,
      readsHistory: true,
      unpackFolder: bench.unpackFolder,
    });
    const started = tailer.start();
    const size = (): number => {
      const [name] = unpacked();
      return name === undefined ? 0 : (statSync(join(bench.unpackFolder, name), { throwIfNoEntry: false })?.size ?? 0);
    };
    while (size() === 0) await sleep(1);
    let largest = 0;
    const watching = setInterval(() => {
      largest = Math.max(largest, size());
    }, 1);
    await tailer.stop();
    clearInterval(watching);
    await started;
    expect(largest).toBeLessThan((megabytes * 2 ** 20) / 2);
    expect(unpacked()).toEqual([]);
    expect(opened).toEqual([]);
  });
});
