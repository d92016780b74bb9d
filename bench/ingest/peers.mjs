import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesOf, childrenOf, cpuSecondsOf } from './process-costs.mjs';

const STALL_MS = 60_000;

/** Programs that follow a file and write what they read to another one. */
const PEERS = [
  {
    name: 'rsyslogd (imfile)',
    program: 'rsyslogd',
    command: (log, folder, out) => {
      const config = join(folder, 'rsyslog.conf');
      writeFileSync(
        config,
        [
          `global(workDirectory="${folder}" maxMessageSize="64k")`,
          'module(load="imfile")',
          'template(name="line" type="string" string="%msg%\\n")',
          `input(type="imfile" file="${log}" tag="bench" ruleset="out" reopenOnTruncate="on")`,
          `ruleset(name="out") { action(type="omfile" file="${out}" template="line") }`,
          '',
        ].join('\n'),
      );
      return ['-n', '-f', config, '-i', join(folder, 'rsyslog.pid')];
    },
  },
  {
    name: 'fluent-bit (tail)',
    program: 'fluent-bit',
    command: (log, folder, out) =>
      `-q -f 1 -i tail -p path=${log} -p read_from_head=true -o file -p path=${folder} -p file=${out.slice(folder.length + 1)} -p format=template -p template={log}`.split(
        ' ',
      ),
  },
  {
    name: 'vector (file)',
    program: 'vector',
    command: (log, folder, out) => {
      const config = join(folder, 'vector.json');
      const source = { type: 'file', include: [log], read_from: 'beginning' };
      const sink = { type: 'file', inputs: ['log'], path: out, encoding: { codec: 'text' } };
      writeFileSync(config, JSON.stringify({ data_dir: folder, sources: { log: source }, sinks: { out: sink } }));
      return ['--quiet', '--config', config];
    },
  },
];

/** What each program that is installed needs to read the same file; those that are not are named. */
export async function measurePeers(folder, log, bytes) {
  const results = [await tail(log, bytes)];
  for (const peer of PEERS) results.push(await measure(peer, folder, log, bytes));
  return results;
}

async function measure({ name, program, command }, folder, log, bytes) {
  if (spawnSync(program, ['--help'], { stdio: 'ignore' }).error !== undefined)
    return { name, skipped: 'not installed' };
  const place = join(folder, program);
  mkdirSync(place);
  const out = join(place, 'out.log');
  const started = performance.now();
  const child = spawn(program, command(log, place, out), { stdio: 'ignore' });
  try {
    let [size, grewMs] = [0, performance.now()];
    while (size < bytes) {
      await sleep(5);
      const now = statSync(out, { throwIfNoEntry: false })?.size ?? 0;
      if (now > size) grewMs = performance.now();
      size = now;
      if (child.exitCode !== null || performance.now() - grewMs > STALL_MS)
        return { name, skipped: `gave ${size} of ${bytes} bytes` };
    }
    return { name, seconds: (performance.now() - started) / 1000, cpuSeconds: cpuSecondsOf(child.pid) };
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
  }
}

/** The least that following can cost: `tail -F | wc -l`. */
async function tail(log, bytes) {
  const started = performance.now();
  const shell = spawn('sh', ['-c', 'tail -n +1 -F "$0" 2>/dev/null | wc -l', log], { stdio: 'ignore', detached: true });
  try {
    let parts = [];
    while (parts.length < 2 || Math.min(...parts.map((pid) => bytesOf(pid, 'rchar'))) < bytes) {
      await sleep(2);
      parts = childrenOf(shell.pid);
    }
    const cpuSeconds = parts.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
    return { name: 'tail -F | wc -l', seconds: (performance.now() - started) / 1000, cpuSeconds };
  } finally {
    process.kill(-shell.pid);
  }
}
