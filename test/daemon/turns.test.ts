import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/live/turns.ts';

describe('work in turns', () => {
  it('goes on with the rest where a piece of it fails, and says so', async () => {
    const done: string[] = [];
    const troubles: unknown[] = [];
    const turns = new Turns((error) => troubles.push(error));
    const fault = new Error('disk I/O error');
    function* work(name: string, fails: boolean): Generator<void> {
      done.push(`${name}1`);
      yield;
      if (fails) throw fault;
      done.push(`${name}2`);
    }
    turns.add(work('a', true));
    turns.add(work('b', false));
    while (done.length < 3) await setImmediate();
    expect(done).toEqual(['a1', 'b1', 'b2']);
    expect(troubles).toEqual([fault]);
    turns.stop();
  });
});
