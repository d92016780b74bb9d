/**
 * How soon the real daemon answers over HTTP on an index of 5 million events and 500,000 failures: alone, then while 5,000 events a second are taken in
 * and 200 clients follow the stream. Needs the build in dist/. Options: `--events` of the index, `--rate` of events a second, `--rounds` of each question.
 * WHYD_BENCH_INDEX names a file that keeps the index from run to run.
 */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EVENTS_PER_FAILURE, fillIndex } from './fill-index.mjs';
import { questionsOf } from './questions.mjs';

const EVENTS = 5_000_000;
const RATE = 5000;
const ROUNDS = 300;
const WARM_UP_ROUNDS = 10;
const LISTENERS = 200;
/** Between two askings, so that it is the daemon's time that is measured and not a queue of our own making. */
const PAUSE_MS = 2;
const SETTLE_MS = 15_000;
const CLOCK_TICKS_PER_SECOND = 100;
const HERE = fileURLToPath(new URL('./', import.meta.url));

export async function benchApi(root, { events = EVENTS, rate = RATE, rounds = ROUNDS } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'whyd-bench-api-'));
  const releasers = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const nowMs = await indexIn(root, folder, events);
    const daemon = await startDaemon(root, folder);
    releasers.push(daemon.stop);
    const questions = await questionsOf((path) => daemon.get(path).then(({ body }) => JSON.parse(body)), {
      events,
      nowMs,
    });
    await measured(daemon, questions, WARM_UP_ROUNDS);
    const idle = await measured(daemon, questions, rounds);
    const listeners = start('listeners.mjs', [daemon.url, daemon.token, String(LISTENERS)], 'pipe');
    releasers.push(listeners.stop);
    const writer = start('log-writer.mjs', [...daemon.logs, String(rate)], 'ignore');
    releasers.push(writer.stop);
    await sleep(SETTLE_MS);
    const before = await daemon.state();
    const busy = await measured(daemon, questions, rounds);
    const after = await daemon.state();
    await writer.stop();
    const heard = JSON.parse(await listeners.finish());
    showTimes(questions, idle, busy);
    showLateness(idle, busy);
    showLoad(before, after, heard);
  } finally {
    for (const release of releasers.reverse()) await release();
  }
}

/** Made, or taken from where the last run left it: the daemon works on a copy then. @returns the time of its newest event */
async function indexIn(root, folder, events) {
  const path = join(folder, 'whyd.db');
  const kept = process.env.WHYD_BENCH_INDEX;
  const stamp = `${kept ?? path}.json`;
  if (kept === undefined || !existsSync(kept)) {
    const [nowMs, startedMs] = [Date.now() - 60_000, performance.now()];
    await fillIndex(root, kept ?? path, { events, nowMs });
    writeFileSync(stamp, JSON.stringify({ nowMs, events }));
    console.log(`the index was written in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  }
  if (kept !== undefined) copyFileSync(kept, path);
  const { nowMs, events: held } = JSON.parse(readFileSync(stamp, 'utf8'));
  if (held !== events) throw new Error(`${kept} holds ${held} events, not ${events}: remove it`);
  const gigabytes = statSync(path).size / 1e9;
  console.log(
    `index: ${events} events, ${Math.floor(events / EVENTS_PER_FAILURE)} failures, ${gigabytes.toFixed(1)} GB`,
  );
  return nowMs;
}

async function startDaemon(root, folder) {
  // Apart from the index, as on a host: each write to a folder with logs wakes the watcher.
  const logFolder = join(folder, 'logs');
  mkdirSync(logFolder);
  const logs = ['denokv.log', 'postgresql.log'].map((name) => join(logFolder, name));
  for (const log of logs) writeFileSync(log, '');
  const config = join(folder, 'whyd.yaml');
  writeFileSync(
    config,
    `index: { path: ${join(folder, 'whyd.db')}, keep: { days: 365, size: 100GiB } }\n` +
      `api: { listen: 127.0.0.1:0, rate_limit: 1000000 }\n` +
      `sources:\n  - { kind: denokv, path: ${logs[0]} }\n  - { kind: postgres, path: ${logs[1]} }\n`,
  );
  const child = spawn(process.execPath, [join(root, 'dist', 'cli', 'main.js'), 'run', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = stopper(child);
  const url = await addressOf(child);
  const token = readFileSync(join(folder, 'token'), 'utf8').trim();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const get = (path) => fetchOver(agent, `${url}${path}`, token);
  return { url, token, logs, stop, get, state: () => stateOf(child.pid, get) };
}

/** The pipe is read on to its end: a daemon whose messages nobody takes ends. */
function addressOf(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-10_000);
      const url = /listening on (http:\S+?)[,\s]/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => {
      if (code !== 0) process.stderr.write(said);
      reject(new Error(`the daemon ended with ${code}: ${said}`));
    });
  });
}

/** One GET on a connection that stays: the time from its first byte out to its last byte in. */
function fetchOver(agent, url, token) {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const request = http.get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const ms = performance.now() - startedMs;
        if (response.statusCode === 200) resolve({ ms, body: Buffer.concat(parts).toString() });
        else reject(new Error(`${url}: ${response.statusCode} ${Buffer.concat(parts).toString()}`));
      });
    });
    request.on('error', (cause) =>
      reject(new Error(`${url}: ${cause.message} after ${(performance.now() - startedMs).toFixed(0)} ms`, { cause })),
    );
  });
}

async function stateOf(pid, get) {
  const { items } = JSON.parse((await get('/v1/sources')).body);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return {
    atMs: performance.now(),
    events: items.reduce((sum, { counts }) => sum + counts.events, 0),
    lagBytes: items.reduce((sum, { lagBytes }) => sum + lagBytes, 0),
    clients: Number(/whyd_stream_clients (\d+)/.exec((await get('/metrics')).body)?.[1]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND,
    rssMiB: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024,
    load: loadavg()[0],
  };
}

/**
 * Every question in turn, again and again: all of them meet the same weather.
 * @returns the times of each, sorted, and how late the asker itself woke up from its pauses: what the host, not the daemon, adds to each of them
 */
async function measured(daemon, questions, rounds) {
  const times = questions.map(() => []);
  const late = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, { path }] of questions.entries()) {
      times[at].push((await daemon.get(path())).ms);
      const pausedMs = performance.now();
      await sleep(PAUSE_MS);
      late.push(Math.max(0, performance.now() - pausedMs - PAUSE_MS));
    }
  }
  const sorted = (some) => some.sort((a, b) => a - b);
  return Object.assign(times.map(sorted), { late: sorted(late) });
}

function showTimes(questions, idle, busy) {
  const columns = ['p50 idle', 'p99 idle', 'p50 busy', 'p99 busy', 'busy/idle', 'wanted'];
  console.log(['milliseconds'.padEnd(34), ...columns.map((name) => name.padStart(10))].join(''));
  for (const [at, { group, name, wantedMs }] of questions.entries()) {
    const [before, now] = [idle[at], busy[at]];
    const numbers = [share(before, 0.5), share(before, 0.99), share(now, 0.5), share(now, 0.99)];
    const ratio = share(now, 0.99) / share(before, 0.99);
    const verdict = wantedMs === null ? '' : `${share(now, 0.99) <= wantedMs ? '' : '! '}< ${wantedMs}`;
    const cells = [...numbers.map((ms) => ms.toFixed(1)), ratio.toFixed(1), verdict];
    console.log([`${group}: ${name}`.padEnd(34), ...cells.map((cell) => cell.padStart(10))].join(''));
  }
  for (const group of ['why', 'list']) {
    const of = (times) =>
      questions.flatMap((question, at) => (question.group === group ? times[at] : [])).sort((a, b) => a - b);
    const [before, now] = [of(idle), of(busy)];
    console.log(
      `all of ${group}: p99 ${share(before, 0.99).toFixed(1)} ms idle, ${share(now, 0.99).toFixed(1)} ms busy, at most ${now.at(-1).toFixed(1)} ms (${now.length} askings)`,
    );
  }
}

function showLateness(idle, busy) {
  const says = ({ late }) => `p50 ${share(late, 0.5).toFixed(1)}, p99 ${share(late, 0.99).toFixed(1)} ms`;
  console.log(`the asker woke up late by ${says(idle)} idle, ${says(busy)} busy: so much of the above is the host's`);
}

function showLoad(before, after, heard) {
  const seconds = (after.atMs - before.atMs) / 1000;
  console.log(
    `meanwhile: ${Math.round((after.events - before.events) / seconds)} events/s taken in, ${after.lagBytes} bytes behind at the end; ` +
      `${after.clients} clients of the stream, ${heard.events} events to each, ${heard.ended} hung up on, ${(heard.least / 1e6).toFixed(1)} to ${(heard.most / 1e6).toFixed(1)} MB each`,
  );
  console.log(
    `daemon: ${((after.cpuSeconds - before.cpuSeconds) / seconds).toFixed(2)} cores, ${after.rssMiB.toFixed(0)} MiB; host: ${availableParallelism()} cores, load ${before.load.toFixed(1)} to ${after.load.toFixed(1)}, ` +
      `with the writer, the clients and the asker on it`,
  );
}

function share(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

function start(script, args, stdout) {
  const child = spawn(process.execPath, [join(HERE, script), ...args], { stdio: ['pipe', stdout, 'inherit'] });
  const finish = async () => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    await ended;
    return said;
  };
  return { stop: stopper(child), finish };
}

/** Idempotent. */
function stopper(child) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return () => {
    child.kill('SIGTERM');
    return ended;
  };
}
