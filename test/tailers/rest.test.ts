import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench } from './bench.ts';

let bench: Bench;

/** A file that was read to its end, and looked at again after a minute in which nothing came. */
beforeEach(async () => {
  bench = new Bench(['*.log']);
  for (const name of ['x.log', 'y.log']) bench.create('1\n', name);
  await bench.settle();
  bench.pass(60_000);
  await bench.look();
  bench.append('2\n');
});

afterEach(() => {
  bench.close();
});

test.each([
  { isWatched: false, restMs: 2500 },
  { isWatched: true, restMs: 7500 },
])('a quiet file is left alone for $restMs ms (watched: $isWatched), and then read', ({ isWatched, restMs }) => {
  bench.pass(restMs - 1);
  expect(bench.restfulTurn(isWatched)).toBe(0);
  bench.pass(1);
  expect(bench.restfulTurn(isWatched)).toBe(2);
});

test('a wake-up ends the rest of its file', () => {
  expect([bench.restfulTurn(true, ['y.log']), bench.restfulTurn(true, ['x.log'])]).toEqual([0, 2]);
  bench.append('3\n');
  expect(bench.restfulTurn(true)).toBe(2);
});

test('a scan that sees another size or time ends the rest, and one that sees the same lengthens it', async () => {
  const seenMs = (name: string) => bench.status(name)?.endSeenAtMs ?? 0;
  const before = ['x.log', 'y.log'].map(seenMs);
  await new Promise((resolve) => setTimeout(resolve, 2));
  await bench.roster.rescan(60_100);
  expect(['x.log', 'y.log'].map((name, at) => seenMs(name) > (before[at] ?? 0))).toEqual([false, true]);
  expect(bench.restfulTurn(true)).toBe(2);
});
