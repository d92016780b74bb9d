/**
 * How fast the joiner is where it is hardest: a storm in which most entries are errors, and ten thousand equal errors in one second. Needs the build in
 * dist/. Logs are made from the bundled storm, repeated with shifted times and pids; or from a folder given, which holds `denokv.log` and `postgresql*.log`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const BUNDLED = fileURLToPath(new URL('../fixtures/logs/storm-15', import.meta.url));
const STORM_BYTES = 60e6;
const PIDS_PER_COPY = 2000;
const MAX_PID = 4_000_000;
const GAP_SECONDS = 5;
const EQUAL_ERRORS = 10_000;
const SETTINGS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };

/** `options.bytes`: how much log to make for the storm. */
export function benchJoiner(options = {}, folder = BUNDLED) {
  const scratch = mkdtempSync(join(tmpdir(), 'whyd-bench-'));
  try {
    const bytes = options.bytes ?? STORM_BYTES;
    for (const part of [bytes / 2, bytes, 2 * bytes]) {
      const paths = writeStorm(scratch, folder, part);
      const { seconds, cpuSeconds, peakBytes, lines, events, failures } = measured(paths);
      console.log(
        `storm, ${megabytes(part)}: ${lines} lines, ${events} events, ${failures} failures in ${seconds.toFixed(2)} s (${cpuSeconds.toFixed(2)} s of CPU): ` +
          `${perSecond(lines, cpuSeconds)} lines and ${perSecond(events, cpuSeconds)} events per second of CPU, at most ${megabytes(peakBytes)} in memory`,
      );
    }
    const { cpuSeconds, failures, meanLine, meanCause } = measured(writeEqualErrors(scratch));
    console.log(
      `${EQUAL_ERRORS} equal errors in one second: ${failures} failures in ${cpuSeconds.toFixed(2)} s of CPU, start of the program and reading included; ` +
        `line confidence ${meanLine.toFixed(3)}, cause confidence ${meanCause.toFixed(3)} on average`,
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** In a process of its own, for its memory and its cold start. */
function measured(paths) {
  const started = performance.now();
  const run = spawnSync(process.execPath, [SELF, ...paths], { encoding: 'utf8', maxBuffer: 1 << 20 });
  if (run.status !== 0) throw new Error(`the analysis failed: ${run.stderr}`);
  return { ...JSON.parse(run.stdout), seconds: (performance.now() - started) / 1000 };
}

function writeStorm(scratch, folder, bytes) {
  const read = (test) =>
    readdirSync(folder)
      .filter((name) => test.test(name))
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  const [denokv, postgres] = [read(/^denokv\.log$/), read(/^postgresql.*\.log$/)];
  const stamps = [...postgres.matchAll(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC/gm)].map(([, stamp]) =>
    Date.parse(`${stamp}Z`),
  );
  const spanMs = Math.max(...stamps) - Math.min(...stamps) + GAP_SECONDS * 1000;
  const copies = Math.max(1, Math.round(bytes / (denokv.length + postgres.length)));
  const shifted = (text, copy) => new Date(Date.parse(text) + copy * spanMs).toISOString().slice(0, 19);
  const pidOf = (pid, copy) => String((Number(pid) + copy * PIDS_PER_COPY) % MAX_PID);
  const parts = [
    [
      'denokv.log',
      denokv,
      (copy) => denokv.replace(/^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/gm, (_, at) => `[${shifted(at, copy)}Z`),
    ],
    [
      'postgresql.log',
      postgres,
      (copy) =>
        postgres
          .replace(
            /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC \[(\d+)\]/gm,
            (_, day, time, pid) => `${shifted(`${day}T${time}Z`, copy).replace('T', ' ')} UTC [${pidOf(pid, copy)}]`,
          )
          .replace(/\b([Pp]rocess|PID) (\d{2,})\b/g, (_, word, pid) => `${word} ${pidOf(pid, copy)}`),
    ],
  ];
  return parts.map(([name, , made]) => {
    const path = join(scratch, name);
    writeFileSync(path, Array.from({ length: copies }, (_, copy) => made(copy)).join(''));
    return path;
  });
}

function writeEqualErrors(scratch) {
  const said = 'canceling statement due to statement timeout';
  const paths = [join(scratch, 'denokv.log'), join(scratch, 'postgresql.log')];
  const denokv = Array.from({ length: EQUAL_ERRORS }, () => [
    `[2026-11-23T05:38:57Z ERROR denokv] atomic_write failed: Database error: db error: ERROR: ${said}`,
    `[2026-11-23T05:38:57Z ERROR denokv] Database error: Database error: db error: ERROR: ${said}`,
  ]);
  const postgres = Array.from({ length: EQUAL_ERRORS }, (_, n) => {
    const prefix = (line) =>
      `2026-11-23 05:38:57 UTC [${1000 + (n % 60)}]: [${2 * n + line}-1] user=denokv,db=kv,app=denokv,client=127.0.0.1 `;
    return [
      `${prefix(1)}ERROR:  ${said}`,
      `${prefix(2)}STATEMENT:  UPDATE data_version SET version = version + 1 WHERE k = 0 RETURNING version`,
    ];
  });
  for (const [at, lines] of [denokv, postgres].entries()) writeFileSync(paths[at], `${lines.flat().join('\n')}\n`);
  return paths;
}

async function measureHere(paths) {
  const { analyze } = await import('../dist/analyze.js');
  const said = { failures: 0, line: 0, cause: 0 };
  const onVerdict = ({ postgres, cause }) => {
    said.failures += 1;
    said.line += postgres?.confidence ?? 0;
    said.cause += cause.confidence;
  };
  const { sources } = await analyze(paths, { ...SETTINGS, onVerdict });
  const sum = (key) => sources.reduce((total, { counts }) => total + (counts?.[key] ?? 0), 0);
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    lines: sum('lines'),
    events: sum('events'),
    failures: said.failures,
    meanLine: said.line / Math.max(1, said.failures),
    meanCause: said.cause / Math.max(1, said.failures),
  };
}

function perSecond(count, seconds) {
  return Math.round(count / seconds).toLocaleString('en');
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}

if (process.argv[1] === SELF) console.log(JSON.stringify(await measureHere(process.argv.slice(2))));
