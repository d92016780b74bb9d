import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { Daemon } from './daemon.mjs';
import { error } from './logs.mjs';

/** Seconds from the start of the process to its first answer, with an index that holds many events. */
export async function coldStart(folder, events) {
  const log = join(folder, 'postgresql.log');
  writeFileSync(log, error(1, 1, Date.now()).repeat(3));
  const sources = [{ kind: 'postgres', path: log }];
  const first = await new Daemon(folder, sources).ready();
  while ((await first.sources()).every(({ counts }) => counts.events < 2)) await sleep(100);
  await sleep(1000);
  await first.stop();
  const database = new Sqlite(join(folder, 'whyd.db'));
  database.pragma('synchronous = OFF');
  const [{ body, file }] = database.prepare('SELECT body, file_id AS file FROM events ORDER BY id LIMIT 1').all();
  const nowUs = Date.now() * 1000;
  // A month of events, evenly spread.
  const stepUs = Math.floor((30 * 86_400_000_000) / events);
  const insert = database.prepare(
    `INSERT INTO events (file_id, byte_start, byte_end, kind, at_us, severity, sqlstate, pid, body)
     WITH RECURSIVE n (i) AS (SELECT @from UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @to)
     SELECT @file, 1000000 + i * 200, 1000150 + i * 200, 'postgres_error', @nowUs - (@events - i) * @stepUs, 'ERROR', '23505', 7, @body FROM n`,
  );
  for (let from = 0; from < events; from += 100_000)
    insert.run({ from, to: Math.min(events, from + 100_000), file, nowUs, stepUs, events, body });
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  const sizeBytes = statSync(join(folder, 'whyd.db')).size;
  const daemon = await new Daemon(folder, sources).ready();
  const listening = (performance.now() - daemon.startedMs) / 1000;
  const cpu = daemon.cpuSeconds();
  await daemon.get('/v1/failures?limit=50');
  const answered = (performance.now() - daemon.startedMs) / 1000;
  while (!(await daemon.sources()).some(({ state }) => state === 'following')) await sleep(20);
  const following = (performance.now() - daemon.startedMs) / 1000;
  console.log(
    `cold start         ${listening.toFixed(2)} s to listening (${cpu.toFixed(2)} s of CPU), ${answered.toFixed(2)} s to the first answer, ${following.toFixed(2)} s to following, ${daemon.rssMiB().toFixed(0)} MiB, with ${events} events (${(sizeBytes / 2 ** 30).toFixed(1)} GiB)`,
  );
  await daemon.stop();
}
