import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure, median } from './measure.mjs';
import { writeLog } from './write-log.mjs';

const DEFAULT_BYTES = 400_000_000;
const DEFAULT_ROUNDS = 5;
const SEED = 20261123;
/** lnav knows Postgres' lines only by a format file. */
const LNAV_FORMAT = fileURLToPath(new URL('lnav', import.meta.url));
const LNAV_QUERY = ';SELECT log_level, count(*) FROM whyd_bench_postgres GROUP BY log_level';

/** `atMost`: whyd may take so many times as long; `atLeast`: the other program must take so many times as long as whyd. */
const CASES = [
  {
    name: 'stderr, statement noise',
    kind: 'noise',
    form: 'stderr',
    against: { grep: { atMost: 2 }, 'grep, LC_ALL=C': {}, pgbadger: { atLeast: 100 }, lnav: { atLeast: 3 } },
  },
  {
    name: 'jsonlog, statement noise',
    kind: 'noise',
    form: 'json',
    against: { grep: { atMost: 2 }, 'grep, LC_ALL=C': {} },
  },
  {
    name: 'csvlog, statement noise',
    kind: 'noise',
    form: 'csv',
    against: { grep: { atMost: 5 }, 'grep, LC_ALL=C': {} },
  },
  { name: 'stderr, errors only', kind: 'errors', form: 'stderr', against: { grep: {}, pgbadger: { atLeast: 20 } } },
];

const GREP = ['-cE', 'ERROR|FATAL|PANIC'];
const PROGRAMS = {
  grep: (path) => ['grep', [...GREP, path]],
  'grep, LC_ALL=C': (path) => ['env', ['LC_ALL=C', 'grep', ...GREP, path]],
  pgbadger: (path) => ['pgbadger', ['-q', '-f', 'stderr', '-p', '%m [%p] %u@%d ', '-x', 'text', '-o', '-', path]],
  lnav: (path) => ['lnav', ['-n', '-I', LNAV_FORMAT, '-c', LNAV_QUERY, '-c', ':write-csv-to -', path]],
};
/** What has to be installed for each; a locale is no program. */
const COMMAND_OF = { 'grep, LC_ALL=C': 'grep' };
/** These take minutes where the others take less than a second: one round says it. */
const SLOW = new Set(['pgbadger', 'lnav']);

/** Measures `whyd parse FILE` beside other programs on the same generated files, in turns, and prints ratios of medians. Options: bytes, rounds, without (a program to leave out). */
export async function benchParse(root, { bytes = DEFAULT_BYTES, rounds = DEFAULT_ROUNDS, without = '' } = {}) {
  const whyd = [join(root, 'dist', 'cli', 'main.js'), 'parse'];
  const installed = Object.keys(PROGRAMS).filter((name) => name !== without && isInstalled(COMMAND_OF[name] ?? name));
  for (const name of Object.keys(PROGRAMS))
    if (!installed.includes(name))
      console.log(`parse: ${name} is ${name === without ? 'left out' : 'not installed'}: skipped`);
  console.log(`parse: output to a file or /dev/null; locale ${process.env.LC_ALL ?? process.env.LANG ?? 'C'}`);
  await sayCertificates();
  const folder = mkdtempSync(join(tmpdir(), 'whyd-bench-'));
  try {
    for (const one of CASES) {
      const path = join(folder, `${one.form}-${one.kind}.log`);
      writeLog(path, { ...one, seed: SEED, bytes });
      const rivals = Object.keys(one.against).filter((name) => installed.includes(name));
      await runCase(one, path, whyd, rivals, rounds);
      rmSync(path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A setting of the machine at hand that Node obeys before anything of whyd's is run: said, so that figures of two machines can be compared. */
async function sayCertificates() {
  const { NODE_EXTRA_CA_CERTS: certificates, ...without } = process.env;
  if (certificates === undefined) return;
  const times = { as: [], without: [] };
  for (let round = 0; round < DEFAULT_ROUNDS; round++) {
    times.as.push((await measure(process.execPath, ['-e', '0'], '/dev/null')).seconds);
    times.without.push((await measure(process.execPath, ['-e', '0'], '/dev/null', without)).seconds);
  }
  const [own, less] = [median(times.as), median(times.without)];
  console.log(
    `parse: NODE_EXTRA_CA_CERTS is set, and read at each start: an empty Node takes ${own.toFixed(3)} s with it, ${less.toFixed(3)} s without; whyd's times are with it`,
  );
}

async function runCase({ name, against }, path, whyd, rivals, rounds) {
  const times = Object.fromEntries(['whyd', ...rivals].map((program) => [program, []]));
  let peakBytes = 0;
  for (let round = 0; round <= rounds; round++) {
    // The first round only warms the page cache and the disk's own.
    for (const program of rivals) {
      if (SLOW.has(program) ? round === 1 : true) await take(program, ...PROGRAMS[program](path), `${path}.out`);
    }
    const { peakBytes: peak } = await take('whyd', process.execPath, [...whyd, path], '/dev/null');
    peakBytes = Math.max(peakBytes, peak);

    async function take(program, command, args, output) {
      const result = await measure(command, args, output);
      if (round > 0) times[program].push(result.seconds);
      return result;
    }
  }
  const own = median(times.whyd);
  console.log(
    `parse: ${name}, ${megabytes(statSync(path).size)}: whyd ${own.toFixed(3)} s, peak memory ${megabytes(peakBytes)}`,
  );
  for (const program of rivals) console.log(`  ${ratioLine(program, median(times[program]), own, against[program])}`);
}

function ratioLine(program, other, own, { atMost, atLeast }) {
  if (atLeast !== undefined)
    return `${program} ${other.toFixed(3)} s: ${(other / own).toFixed(1)} times whyd's time (wanted: at least ${atLeast})`;
  const wanted = atMost === undefined ? '' : ` (wanted: at most ${atMost})`;
  return `${program} ${other.toFixed(3)} s: whyd takes ${(own / other).toFixed(2)} times that${wanted}`;
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}

function isInstalled(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}
