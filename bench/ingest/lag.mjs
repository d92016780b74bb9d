import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from './daemon.mjs';
import { error, noise, symptom } from './logs.mjs';

const LAG_SECONDS = 20;
const LINES_PER_SECOND = 10_000;

/** From the write of a failure to the first answer of the API that lists it. */
export async function lag(folder) {
  const [log, denokv] = [join(folder, 'postgresql.log'), join(folder, 'denokv.log')];
  writeFileSync(log, noise(1, Date.now()));
  writeFileSync(
    denokv,
    `[${new Date().toISOString().slice(0, 19)}Z INFO  denokv] Listening on http://127.0.0.1:4512\n`,
  );
  const daemon = await new Daemon(folder, [
    { kind: 'denokv', path: denokv },
    { kind: 'postgres', path: log },
  ]).ready();
  const written = new Map();
  const delays = [];
  let writing = true;
  const reader = (async () => {
    while (writing || written.size > 0) {
      const { items } = await daemon.get('/v1/failures?limit=50');
      const now = performance.now();
      for (const {
        symptom: { text },
      } of items) {
        const number = /"c(\d+)"/.exec(text)?.[1];
        if (!written.has(number)) continue;
        delays.push(now - written.get(number));
        written.delete(number);
      }
      await sleep(5);
    }
  })();
  const started = performance.now();
  const batches = LAG_SECONDS * 100;
  for (let batch = 0; batch < batches; batch += 1) {
    let text = '';
    for (let line = 0; line < LINES_PER_SECOND / 100; line += 1) text += noise(1000 + (line % 8), Date.now());
    appendFileSync(log, text);
    if (batch % 10 === 0) {
      appendFileSync(log, error(2000, batch, Date.now()));
      appendFileSync(denokv, symptom(batch, Date.now()));
      written.set(String(batch), performance.now());
    }
    await sleep(Math.max(0, started + (batch + 1) * 10 - performance.now()));
  }
  writing = false;
  await Promise.race([reader, sleep(10_000)]);
  await daemon.stop();
  delays.sort((a, b) => a - b);
  const at = (share) => `${Math.round(delays[Math.min(delays.length - 1, Math.floor(delays.length * share))])} ms`;
  console.log(
    `lag at ${LINES_PER_SECOND} lines/s  p50 ${at(0.5)}, p99 ${at(0.99)} from write to visible in the API (${delays.length} failures, ${written.size} never seen)`,
  );
}
