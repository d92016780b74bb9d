import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Releasers } from '../../src/live/releasers.ts';

describe('what is open', () => {
  it('is closed in the reverse order, and once, though two ask at the same time', async () => {
    const closed: string[] = [];
    const open = new Releasers();
    open.add(() => {
      closed.push('index');
    });
    open.add(async () => {
      await setImmediate();
      closed.push('tailer');
    });
    await Promise.all([open.close(), open.close()]);
    expect(closed).toEqual(['tailer', 'index']);
    await open.close();
    expect(closed).toHaveLength(2);
  });

  it('is closed also behind what fails, and the first failure is told', async () => {
    const closed: string[] = [];
    const open = new Releasers();
    open.add(() => {
      closed.push('index');
    });
    open.add(() => Promise.reject(new Error('the second')));
    open.add(() => {
      throw new Error('the first');
    });
    await expect(open.close()).rejects.toThrow('the first');
    expect(closed).toEqual(['index']);
  });
});
