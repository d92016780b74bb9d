import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isBuilt } from '../chaos/daemon-process.ts';
import type { DaemonProcess } from '../chaos/daemon-process.ts';
import { FedDaemon, freePort, sender } from './fed-daemon.ts';

/** Less than a pipe or a socket holds by itself. */
const LINES = 1500;
const NUMBERS = Array.from({ length: LINES }, (_, number) => number);
const MESSAGES = NUMBERS.map((number) => `number ${String(number)}`);

let daemon: FedDaemon;

beforeEach(() => {
  daemon = new FedDaemon();
});

afterEach(async () => {
  await daemon.close();
});

const error = (number: number): string =>
  `2026-11-23 10:00:00.000 UTC [7] denokv@kv ERROR:  number ${String(number)}\n`;
const message = (number: number): string =>
  `<131>Nov 23 10:00:10 db postgres[7]: [${String(number)}-1] ${error(number)}`;

/** While the daemon stands still, the kernel takes what is sent; then it is told to stop before it can have read anything. */
async function stopBehind(running: DaemonProcess, send: () => Promise<void>): Promise<void> {
  process.kill(running.pid, 'SIGSTOP');
  await send();
  process.kill(running.pid, 'SIGTERM');
  const ended = daemon.kill('SIGCONT');
  await ended;
}

function marks(): readonly string[] {
  const spool = join(daemon.folder, 'spool');
  return existsSync(spool) ? readdirSync(spool).filter((name) => name.endsWith('.receiving')) : [];
}

describe.skipIf(!isBuilt)('a clean stop takes what the senders have sent', { timeout: 120_000 }, () => {
  test('over TCP, from a connection that stays open and one that was never accepted', async () => {
    const port = await freePort();
    const source = [`{ kind: postgres, syslog: { listen: "127.0.0.1:${String(port)}" } }`];
    const running = await daemon.start(source);
    const socket = await sender(port);
    socket.write(message(0));
    await daemon.untilMessages(MESSAGES.slice(0, 1));
    await stopBehind(running, async () => {
      await new Promise((sent) => socket.write(NUMBERS.slice(1, 1000).map(message).join(''), sent));
      const late = await sender(port);
      await new Promise((sent) => late.write(NUMBERS.slice(1000).map(message).join(''), sent));
      socket.once('error', () => undefined);
      late.once('error', () => undefined);
    });
    expect(marks()).toEqual([]);
    await daemon.start(source);
    await vi.waitFor(
      () => {
        // Which of the two is read first is open.
        expect(daemon.messages().toSorted()).toEqual(MESSAGES.toSorted());
      },
      { timeout: 60_000, interval: 100 },
    );
  });

  test('through a pipe', async () => {
    const source = ['{ kind: postgres, stdin: true }'];
    const running = await daemon.start(source, 'pipe');
    running.stdin.write(error(0));
    await daemon.untilMessages(MESSAGES.slice(0, 1));
    await stopBehind(running, async () => {
      if (!running.stdin.write(NUMBERS.slice(1).map(error).join(''))) await once(running.stdin, 'drain');
    });
    expect(marks()).toEqual([]);
    await daemon.start(source, 'pipe');
    await daemon.untilMessages(MESSAGES);
  });
});
