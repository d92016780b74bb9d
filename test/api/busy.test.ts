import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { harden } from '../../src/api/harden.ts';
import { LoopDelay } from '../../src/api/loop-delay.ts';

const BLOCK_MS = 100;

/** Ends when a timer that was due meanwhile has run. */
async function blockLoop(): Promise<void> {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS);
  await new Promise((resolve) => setTimeout(resolve, 1));
}

test('a loop is late when two samples in a row are', async () => {
  const delay = new LoopDelay(1);
  try {
    await blockLoop();
    const once = delay.lastingMs;
    await blockLoop();
    expect([once, delay.lastingMs > BLOCK_MS / 2]).toEqual([0, true]);
  } finally {
    delay.stop();
  }
});

test.each([
  [9000, 200],
  [11_000, 503],
])('a loop that is %i ms late answers %i', async (lastingMs, status) => {
  const app = fastify();
  try {
    harden(app, { styleHashes: [], loopDelay: { lastingMs, stop: () => undefined } });
    app.get('/', () => 'here');
    const answer = await app.inject('/');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([status, status === 503 ? '5' : undefined]);
  } finally {
    await app.close();
  }
});
