/**
 * How fast the real daemon takes logs in, how soon a failure can be asked for, and what it costs to wait: ratios and times of one run on this
 * machine. Needs the build in dist/. Argument: megabytes of log for the first part (default 256); or `size` and millions (default 10): memory over so
 * many lines, and the start on an index of so many events.
 */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Sqlite from 'better-sqlite3';

const COMMAND = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const CLOCK_TICKS_PER_SECOND = 100;
const LAG_SECONDS = 20;
const LINES_PER_SECOND = 10_000;
const IDLE_FILES = 1000;
const IDLE_SECONDS = 10;

class Daemon {
  constructor(folder, sources) {
    this.folder = folder;
    const config = join(folder, 'whyd.yaml');
    const lines = sources.map(({ kind, path }) => `  - { kind: ${kind}, path: ${JSON.stringify(path)} }`);
    writeFileSync(
      config,
      `since: all\nindex: { path: ${join(folder, 'whyd.db')} }\napi: { listen: 127.0.0.1:0 }\nsources:\n${lines.join('\n')}\n`,
    );
    this.startedMs = performance.now();
    this.child = spawn(process.execPath, [COMMAND, 'run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  async ready() {
    let said = '';
    for await (const text of this.child.stderr.setEncoding('utf8')) {
      said += text;
      this.url ??= /listening on (http:\S+?)[,\s]/.exec(said)?.[1];
      if (this.url !== undefined) break;
    }
    if (this.url === undefined) throw new Error(`the daemon did not start: ${said}`);
    this.token = readFileSync(join(this.folder, 'token'), 'utf8').trim();
    return this;
  }

  async get(path) {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }

  async sources() {
    const answer = await this.get('/v1/sources');
    return answer.items ?? answer.sources ?? answer;
  }

  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
  }

  rssMiB() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) / 1024;
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}

const stamp = (ms = Date.now()) => new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
const noise = (pid, at) =>
  `${stamp(at)} UTC [${pid}] denokv@kv LOG:  statement: SELECT value, version FROM kv_store WHERE key = $1 AND expires_at IS NULL -- ${pid}\n`;
const error = (pid, number, at) =>
  `${stamp(at)} UTC [${pid}] denokv@kv ERROR:  duplicate key value violates unique constraint "c${number}"\n` +
  `${stamp(at)} UTC [${pid}] denokv@kv DETAIL:  Key (key)=(${number}) already exists.\n` +
  `${stamp(at)} UTC [${pid}] denokv@kv STATEMENT:  INSERT INTO kv_store (key, value) VALUES ($1, $2)\n`;
const symptom = (number, at) => {
  const text = `Database error: db error: ERROR: duplicate key value violates unique constraint "c${number}"\n    DETAIL: Key (key)=(${number}) already exists.\n`;
  const head = `[${new Date(at).toISOString().slice(0, 19)}Z ERROR denokv] `;
  return `${head}atomic_write failed: ${text}${head}Database error: ${text}`;
};

/** One error in 200 lines of statement noise: what a host with log_statement = all writes. */
function writeBigLog(path, bytes) {
  const file = openSync(path, 'w');
  let lines = 0;
  let errors = 0;
  let block = '';
  for (let written = 0; written < bytes;) {
    block +=
      lines % 200 === 199 ? error(1000 + (lines % 8), errors++, Date.now()) : noise(1000 + (lines % 8), Date.now());
    lines += 1;
    if (block.length < 1 << 20) continue;
    written += writeSync(file, block);
    block = '';
  }
  closeSync(file);
  return { lines: Number(readFileSync(path).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0)), errors };
}

/** Seconds that `tail -F | wc -l` needs to read the same file. */
async function tailSeconds(path, bytes) {
  const started = performance.now();
  const tail = spawn('sh', ['-c', 'tail -n +1 -F "$0" 2>/dev/null | wc -l', path], { stdio: 'ignore', detached: true });
  await sleep(5);
  const children = () =>
    readFileSync(`/proc/${tail.pid}/task/${tail.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  for (;;) {
    const read = children().map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('wc')
          ? Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))[1])
          : 0;
      } catch {
        return 0;
      }
    });
    if (Math.max(0, ...read) >= bytes) break;
    await sleep(2);
  }
  const seconds = (performance.now() - started) / 1000;
  process.kill(-tail.pid);
  return seconds;
}

async function sustained(folder, megabytes) {
  const log = join(folder, 'postgresql.log');
  const denokv = join(folder, 'denokv.log');
  writeFileSync(denokv, '');
  const { lines, errors } = writeBigLog(log, megabytes * 1e6);
  const bytes = statSync(log).size;
  const daemon = await new Daemon(folder, [
    { kind: 'denokv', path: denokv },
    { kind: 'postgres', path: log },
  ]).ready();
  const listening = performance.now();
  const rss = [];
  for (;;) {
    const postgres = (await daemon.sources()).find(({ path }) => path === log);
    rss.push(daemon.rssMiB());
    if (postgres !== undefined && postgres.lagBytes === 0 && postgres.offset >= bytes) break;
    await sleep(20);
  }
  const seconds = (performance.now() - Math.min(listening, daemon.startedMs)) / 1000;
  const tail = await tailSeconds(log, bytes);
  await daemon.stop();
  console.log(
    `sustained ingest   ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, ${Math.round(lines / seconds)} lines/s, ${Math.round(errors / seconds)} stored events/s (${megabytes} MB, start of the process included)`,
  );
  console.log(
    `  tail -F | wc -l  ${(bytes / 1e6 / tail).toFixed(0)} MB/s; whyd takes ${(seconds / tail).toFixed(1)} times as long`,
  );
  console.log(
    `  memory           ${rss[0].toFixed(0)} MiB at first, ${Math.max(...rss).toFixed(0)} at most, ${rss.at(-1).toFixed(0)} at the end, after ${lines} lines`,
  );
}

async function lag(folder) {
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

async function idle(folder) {
  mkdirSync(join(folder, 'logs'));
  for (let file = 0; file < IDLE_FILES; file += 1)
    writeFileSync(join(folder, 'logs', `${file}.log`), error(file, file, Date.now()));
  const daemon = await new Daemon(folder, [{ kind: 'postgres', path: join(folder, 'logs', '*.log') }]).ready();
  await sleep(5000);
  const before = daemon.cpuSeconds();
  await sleep(IDLE_SECONDS * 1000);
  const share = (daemon.cpuSeconds() - before) / IDLE_SECONDS;
  console.log(`idle, ${IDLE_FILES} files  ${(share * 100).toFixed(1)} % of a core, ${daemon.rssMiB().toFixed(0)} MiB`);
  await daemon.stop();
}

/** Resident memory while many lines are read: what it was after each tenth. */
async function memory(folder, lines) {
  const log = join(folder, 'postgresql.log');
  const { lines: written } = writeBigLog(log, lines * noise(1000, Date.now()).length);
  const bytes = statSync(log).size;
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

/** Seconds from the start of the process to its first answer, with an index that holds many events. */
async function coldStart(folder, events) {
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
  await daemon.get('/v1/failures?limit=50');
  const answered = (performance.now() - daemon.startedMs) / 1000;
  while (!(await daemon.sources()).some(({ state }) => state === 'following')) await sleep(20);
  const following = (performance.now() - daemon.startedMs) / 1000;
  console.log(
    `cold start         ${listening.toFixed(2)} s to listening, ${answered.toFixed(2)} s to the first answer, ${following.toFixed(2)} s to following, ${daemon.rssMiB().toFixed(0)} MiB, with ${events} events (${(sizeBytes / 2 ** 30).toFixed(1)} GiB)`,
  );
  await daemon.stop();
}

async function inFolders(parts) {
  for (const part of parts) {
    const folder = mkdtempSync(join(tmpdir(), 'whyd-bench-'));
    try {
      await part(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

export async function benchIngest(megabytes = 256) {
  await inFolders([(folder) => sustained(folder, megabytes), lag, idle]);
}

/** @param millions of lines, and of events in the index */
async function benchSize(millions = 10) {
  await inFolders([(folder) => memory(folder, millions * 1e6), (folder) => coldStart(folder, millions * 1e6)]);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await (process.argv[2] === 'size'
    ? benchSize(Number(process.argv[3] ?? 10))
    : benchIngest(Number(process.argv[2] ?? 256)));
