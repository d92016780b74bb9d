import { afterEach, describe, expect, test, vi } from 'vitest';
import { join } from 'node:path';
import { DockerLog } from '../runtimes/docker-log.ts';
import type { DockerLogOptions } from '../runtimes/docker-log.ts';
import { PIECE_BYTES } from '../runtimes/pieces.ts';
import { PodLog } from '../runtimes/pod-log.ts';
import { FollowedIndex } from './followed-index.ts';

/** About as long as one is here; none is longer. */
const RECORD_BYTES = 160;

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
});

function failure(text: string): string {
  return `[${new Date().toISOString().slice(0, 19)}Z ERROR denokv] Database error: ${text}`;
}

/** Writes numbered failures, and knows what an index must hold then: each once, in order, and no gap. */
class Numbered {
  readonly #log: { line(text: string): void };
  readonly followed: FollowedIndex;
  readonly texts: string[] = [];

  constructor(log: { line(text: string): void }, followed: FollowedIndex) {
    this.#log = log;
    this.followed = followed;
  }

  write(lines: number): void {
    for (let count = 0; count < lines; count += 1) {
      const text = `number ${String(this.texts.length)}`;
      this.texts.push(text);
      this.#log.line(failure(text));
    }
  }

  async allIsThere(): Promise<void> {
    await this.followed.untilTexts(this.texts);
    expect(this.followed.gaps.filter(({ bytesLost }) => bytesLost !== 0)).toEqual([]);
  }
}

function followed(path: string): FollowedIndex {
  const index = new FollowedIndex('denokv', [path]);
  closers.push(() => index.close());
  return index;
}

function docker(options: DockerLogOptions): { readonly numbered: Numbered; readonly log: DockerLog } {
  const index = followed('c0ffee-json.log');
  const log = new DockerLog(join(index.folder, 'c0ffee-json.log'), options);
  closers.push(() => {
    log.close();
  });
  return { log, numbered: new Numbered(log, index) };
}

function pod(): { readonly numbered: Numbered; readonly log: PodLog } {
  const index = followed(join('log', 'containers', 'kv-0_default_denokv-*.log'));
  const log = new PodLog(join(index.folder, 'log'));
  closers.push(() => {
    log.close();
  });
  return { log, numbered: new Numbered(log, index) };
}

describe.each([false, true])("docker's json-file driver, compress: %s", (compress) => {
  test('several rotations between two looks, and while down', async () => {
    // 20 records fill more than two files.
    const { log, numbered } = docker({ maxBytes: 8 * RECORD_BYTES, maxFiles: 5, compress });
    numbered.write(3);
    await numbered.followed.start();
    for (let round = 0; round < 3; round += 1) {
      numbered.write(20);
      await numbered.allIsThere();
      await numbered.followed.stop();
      numbered.write(20);
      await numbered.followed.start();
      await numbered.allIsThere();
    }
    expect(log.rotations).toBeGreaterThanOrEqual(10);
  });
});

test('docker with one file, which is emptied in place: what was read before is there once, what was not is a gap', async () => {
  const { log, numbered } = docker({ maxBytes: 8 * RECORD_BYTES, maxFiles: 1 });
  await numbered.followed.start();
  for (let round = 0; round < 8; round += 1) {
    // All that fits before the file is emptied: whoever looks only afterwards has lost it.
    numbered.write(log.recordsLeft(RECORD_BYTES));
    await numbered.allIsThere();
  }
  expect(log.rotations).toBeGreaterThan(1);
  await numbered.followed.stop();
  numbered.write(12);
  await numbered.followed.start();
  await expect.poll(() => numbered.followed.gaps.length, { timeout: 30_000 }).toBeGreaterThan(0);
});

async function longLineIsThereOnce(index: FollowedIndex, before: string, after: string): Promise<void> {
  await vi.waitFor(
    () => {
      index.flush();
      expect(index.texts.map((text) => text.slice(0, 20))).toEqual([before, 'long xxxxxxxxxxxxxxx', after]);
      expect([index.texts[1]?.length, index.texts[1] === LONG_TEXT]).toEqual([LONG_TEXT.length, true]);
    },
    { timeout: 10_000, interval: 20 },
  );
  expect(index.gaps.filter(({ bytesLost }) => bytesLost !== 0)).toEqual([]);
}

const LONG_TEXT = `long ${'x'.repeat(3 * PIECE_BYTES)}`;
const LONG = failure(LONG_TEXT);

test('docker: a line whose pieces lie on both sides of a rotation is there once', async () => {
  const { log, numbered } = docker({ maxBytes: PIECE_BYTES + 1000, maxFiles: 3 });
  numbered.followed.lingerMs = 60_000;
  await numbered.followed.start();
  log.line(failure('before'));
  log.line(LONG);
  expect(log.rotations).toBeGreaterThan(0);
  log.line(failure('after'));
  await longLineIsThereOnce(numbered.followed, 'before', 'after');
  await numbered.followed.stop();
  await numbered.followed.start();
  await longLineIsThereOnce(numbered.followed, 'before', 'after');
});

describe("a pod's log, by the kubelet's link to it", () => {
  test('rotations and compressions, while followed and while down', async () => {
    const { log, numbered } = pod();
    numbered.write(3);
    await numbered.followed.start();
    for (let round = 0; round < 2; round += 1) {
      numbered.write(3);
      log.rotate();
      numbered.write(3);
      log.rotate();
      numbered.write(3);
      await numbered.allIsThere();
      await numbered.followed.stop();
      numbered.write(3);
      log.rotate();
      numbered.write(3);
      log.rotate();
      numbered.write(3);
      await numbered.followed.start();
      await numbered.allIsThere();
    }
  });

  test.each([
    { name: 'after the first', rotatedAfter: [0], restartedAfter: [] },
    { name: 'after each', rotatedAfter: [0, 1, 2], restartedAfter: [] },
    { name: 'and whyd started again before the rest comes', rotatedAfter: [0], restartedAfter: [0, 1] },
  ])('a line of four pieces, rotated $name, is whole and there once', async ({ rotatedAfter, restartedAfter }) => {
    const { log, numbered } = pod();
    const { followed: index } = numbered;
    // The rest of the line may be slow to come.
    index.lingerMs = 60_000;
    await index.start();
    log.line(failure('before'));
    await index.untilTexts(['before']);
    await log.cutLine(LONG, async (piece) => {
      if (rotatedAfter.includes(piece)) log.rotate();
      if (!restartedAfter.includes(piece)) return;
      await index.untilRead();
      await index.stop();
      await index.start();
    });
    log.line(failure('after'));
    await longLineIsThereOnce(index, 'before', 'after');
    await index.stop();
    await index.start();
    await longLineIsThereOnce(index, 'before', 'after');
  });

  test('a runtime that reopens late, or not at all', async () => {
    const { log, numbered } = pod();
    await numbered.followed.start();
    for (let round = 0; round < 3; round += 1) {
      numbered.write(2);
      log.beginRotation();
      numbered.write(2);
      await numbered.allIsThere();
      numbered.write(2);
      if (round === 1) log.takeBackRotation();
      else log.endRotation();
      numbered.write(2);
      await numbered.allIsThere();
    }
  });

  test('a container that is started again has a file of its own', async () => {
    const { log, numbered } = pod();
    numbered.write(2);
    await numbered.followed.start();
    await numbered.allIsThere();
    log.restart();
    numbered.write(2);
    log.rotate();
    numbered.write(2);
    await numbered.allIsThere();
    await numbered.followed.stop();
    log.restart();
    numbered.write(2);
    await numbered.followed.start();
    await numbered.allIsThere();
  });
});
