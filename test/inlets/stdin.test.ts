import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isBuilt } from '../chaos/daemon-process.ts';
import { FedDaemon } from './fed-daemon.ts';

let daemon: FedDaemon;

beforeEach(() => {
  daemon = new FedDaemon();
});

afterEach(async () => {
  await daemon.close();
});

const error = (number: number): string =>
  `2026-11-23 10:00:00.000 UTC [7] denokv@kv ERROR:  number ${String(number)}\n`;
const stdinRow = async () => (await daemon.sources()).find(({ path }) => path === 'stdin');

describe.skipIf(!isBuilt)('standard input as a source', { timeout: 120_000 }, () => {
  test.each(['{ kind: postgres, stdin: true }', '{ kind: postgres, path: "-" }'])(
    '%s is followed to its end, and the daemon goes on answering',
    async (source) => {
      const running = await daemon.start([source], 'pipe');
      running.stdin.write(error(1) + error(2).slice(0, 30));
      await daemon.untilMessages(['number 1']);
      expect(await stdinRow()).toMatchObject({ kind: 'postgres', state: 'following' });
      running.stdin.end(error(2).slice(30));
      await daemon.untilMessages(['number 1', 'number 2']);
      await vi.waitFor(async () => {
        expect(await stdinRow()).toMatchObject({ state: 'waiting', reason: 'standard input has ended' });
      });
    },
  );

  test('many lines through a pipe arrive once each, in order, also over a restart', async () => {
    const source = ['{ kind: postgres, stdin: true }'];
    const numbers = Array.from({ length: 900 }, (_, number) => number);
    const running = await daemon.start(source, 'pipe');
    for (const number of numbers.slice(0, 600)) {
      if (!running.stdin.write(error(number))) await once(running.stdin, 'drain');
    }
    running.stdin.end();
    await daemon.untilMessages(numbers.slice(0, 600).map((number) => `number ${String(number)}`));
    await daemon.kill('SIGTERM');
    const again = await daemon.start(source, 'pipe');
    again.stdin.end(numbers.slice(600).map(error).join(''));
    await daemon.untilMessages(numbers.map((number) => `number ${String(number)}`));
  });
});
