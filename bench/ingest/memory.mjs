import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from './daemon.mjs';
import { bytesOfLines, writeBigLog } from './logs.mjs';

/** A day of a busy host. */
const SPAN_MS = 86_400_000;

/** Resident memory while many lines are read: what it was after each tenth. */
export async function memory(folder, lines) {
  const log = join(folder, 'postgresql.log');
  const { lines: written, bytes } = writeBigLog(log, bytesOfLines(lines), SPAN_MS);
  const daemon = await new Daemon(folder, [{ kind: 'postgres', path: log }]).ready();
  const tenths = [];
  for (;;) {
    const postgres = (await daemon.sources()).find(({ path }) => path === log);
    const read = (postgres?.offset ?? 0) / bytes;
    while (tenths.length < Math.floor(read * 10)) tenths.push(daemon.rssMiB());
    if (read >= 1 && postgres.lagBytes === 0) break;
    await sleep(50);
  }
  const seconds = (performance.now() - daemon.startedMs) / 1000;
  await sleep(5000);
  console.log(
    `memory             ${tenths.map((rss) => rss.toFixed(0)).join(' ')} MiB after each tenth of ${written} lines (${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(0)} s), ${daemon.rssMiB().toFixed(0)} MiB five seconds later`,
  );
  await daemon.stop();
}
