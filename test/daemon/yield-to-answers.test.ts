import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, test } from 'vitest';
import { yieldToAnswers } from '../../src/live/yield-to-answers.ts';

/** Of each thread of this process. */
function prioritiesOf(): readonly number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

test.runIf(process.platform === 'linux')('the thread that yields goes behind, and no other one does', () => {
  const own = getPriority(0);
  yieldToAnswers('darwin');
  expect(getPriority(0)).toBe(own);
  yieldToAnswers();
  const behind = Math.min(19, own + 5);
  expect(getPriority(0)).toBe(behind);
  if (behind > own) expect(prioritiesOf().filter((priority) => priority === behind)).toHaveLength(1);
});
