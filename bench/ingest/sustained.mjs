import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from './daemon.mjs';
import { writeBigLog } from './logs.mjs';
import { measurePeers } from './peers.mjs';

const SPAN_MS = 6 * 3_600_000;

/** From the start of the process to the last byte in the index. */
export async function sustained(folder, megabytes) {
  const log = join(folder, 'postgresql.log');
  const denokv = join(folder, 'denokv.log');
  writeFileSync(denokv, '');
  const { lines, errors, bytes } = writeBigLog(log, megabytes * 1e6, SPAN_MS);
  const sources = [
    { kind: 'denokv', path: denokv },
    { kind: 'postgres', path: log },
  ];
  const daemon = await new Daemon(folder, sources).ready();
  const startCpu = daemon.cpuSeconds();
  let postgres;
  do {
    await sleep(20);
    postgres = (await daemon.sources()).find(({ path }) => path === log);
  } while (postgres === undefined || postgres.offset < bytes || postgres.lagBytes > 0);
  const seconds = (performance.now() - daemon.startedMs) / 1000;
  const cpu = daemon.cpuSeconds();
  await daemon.stop();
  const speed = (of) => `${(bytes / 1e6 / of).toFixed(0)} MB/s`;
  console.log(
    `sustained ingest   ${speed(seconds)}, ${speed(cpu)} of CPU (${speed(cpu - startCpu)} without the start); ${Math.round(lines / seconds)} lines/s, ${Math.round(errors / seconds)} stored events/s (${megabytes} MB, start of the process included)`,
  );
  for (const { name, skipped, ...peer } of await measurePeers(folder, log, bytes)) {
    console.log(
      skipped === undefined
        ? `  ${name.padEnd(17)}${speed(peer.seconds)}, ${speed(peer.cpuSeconds)} of CPU; whyd takes ${(seconds / peer.seconds).toFixed(2)} times as long, ${(cpu / peer.cpuSeconds).toFixed(2)} times the CPU`
        : `  ${name.padEnd(17)}skipped: ${skipped}`,
    );
  }
}
