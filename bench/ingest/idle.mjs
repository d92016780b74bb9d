import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from './daemon.mjs';
import { noise } from './logs.mjs';

const IDLE_FILES = 1000;
const SETTLE_SECONDS = 25;
const IDLE_SECONDS = 30;

/** What waiting costs: all is read, nothing is written and no failure is open. */
export async function idle(folder) {
  mkdirSync(join(folder, 'logs'));
  for (let file = 0; file < IDLE_FILES; file += 1)
    writeFileSync(join(folder, 'logs', `${file}.log`), noise(file, Date.now() - 3_600_000));
  const daemon = await new Daemon(folder, [{ kind: 'postgres', path: join(folder, 'logs', '*.log') }]).ready();
  let files = [];
  while (files.length < IDLE_FILES || files.some(({ state, lagBytes }) => state !== 'following' || lagBytes > 0)) {
    await sleep(500);
    files = await daemon.sources();
  }
  await sleep(SETTLE_SECONDS * 1000);
  const before = daemon.cpuSeconds();
  await sleep(IDLE_SECONDS * 1000);
  const share = (daemon.cpuSeconds() - before) / IDLE_SECONDS;
  console.log(`idle, ${IDLE_FILES} files  ${(share * 100).toFixed(1)} % of a core, ${daemon.rssMiB().toFixed(0)} MiB`);
  await daemon.stop();
}
