import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { threadsNow, yieldToAnswers } from '../../src/live/yield-to-answers.ts';

/** Of each thread of this process, by its id. */
function priorities(): ReadonlyMap<number, number> {
  return new Map(
    readdirSync('/proc/self/task').map((thread) => {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      return [Number(thread), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
    }),
  );
}

test.runIf(process.platform === 'linux')('all threads go behind but those that came after them', async () => {
  const before = priorities();
  const others = threadsNow();
  expect(new Set(others)).toEqual(new Set(before.keys()));
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
  try {
    await once(worker, 'online');
    const own = getPriority(0);
    yieldToAnswers(others);
    const after = priorities();
    for (const [thread, was] of before) expect(after.get(thread) ?? Math.min(19, was + 5)).toBe(Math.min(19, was + 5));
    const newer = [...after].filter(([thread]) => !before.has(thread));
    expect(newer.length).toBeGreaterThan(0);
    for (const [, priority] of newer) expect(priority).toBe(own);
  } finally {
    await worker.terminate();
  }
});

test('where a priority is not of one thread, none goes behind', () => {
  expect(threadsNow('darwin')).toEqual([]);
});
