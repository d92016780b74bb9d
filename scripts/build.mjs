import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bindCommand, bindDaemon } from './bind.mjs';
import { filesBelow, hashFiles, readStamp, ROOT } from './stamp.mjs';

const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
const WEB_DIST = join(DIST, 'web');
const COMMAND = join(DIST, 'cli', 'main.js');
/** The two threads of the daemon. */
const DAEMON = [join(DIST, 'daemon.js'), join(DIST, 'live', 'api-thread.js')];
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');

const inRoot = (names) => names.map((name) => join(ROOT, name));

/** The program and the dashboard are built side by side, and each only when something of its own has changed. */
const PARTS = [
  {
    stamp: join(DIST, '.whyd-stamp'),
    inputs: inRoot([
      'src',
      'package-lock.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'scripts/build.mjs',
      'scripts/bind.mjs',
    ]),
    tool: TSC,
    args: [TSC, '-p', 'tsconfig.build.json', '--noEmitOnError', '--pretty', String(process.stderr.isTTY === true)],
    finish: finishProgram,
  },
  {
    stamp: join(DIST, '.whyd-web-stamp'),
    // What else it takes of src are types, which leave nothing behind.
    inputs: inRoot([
      'web',
      'src/counted-up-to.ts',
      'src/incident-runs.ts',
      'package-lock.json',
      'tsconfig.json',
      'scripts/build.mjs',
    ]),
    tool: VITE,
    args: [VITE, 'build', '--config', join('web', 'vite.config.ts')],
    finish: () => undefined,
  },
];

export function isBuilt() {
  return PARTS.every(isFresh);
}

/** Compiles src and web to dist. On an error, dist keeps the last good build of that part and its missing stamp marks it stale. */
export async function build() {
  const results = await Promise.all(PARTS.filter((part) => !isFresh(part)).map(buildPart));
  return results.every(Boolean);
}

function isFresh({ stamp, inputs }) {
  return readStamp(stamp) === hashFiles(inputs);
}

async function buildPart({ stamp, inputs, tool, args, finish }) {
  if (!existsSync(tool)) {
    process.stderr.write(`whyd: ${relative(ROOT, tool)} is not installed; run npm ci first\n`);
    return false;
  }
  // Taken before the tool reads: a file that changes meanwhile makes the result stale, not falsely fresh.
  const hash = hashFiles(inputs);
  rmSync(stamp, { force: true });
  if (!(await run(args))) return false;
  await finish();
  mkdirSync(DIST, { recursive: true });
  writeFileSync(stamp, hash);
  return true;
}

/** Its output is shown only when it fails. */
function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => output.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (status) => {
      if (status !== 0) process.stderr.write(Buffer.concat(output));
      resolve(status === 0);
    });
  });
}

async function finishProgram() {
  removeStale(copySql());
  if (!existsSync(COMMAND)) return;
  await Promise.all([bindCommand(COMMAND), ...DAEMON.map(bindDaemon)]);
  chmodSync(COMMAND, 0o755);
}

/** Migrations are plain SQL files that the program reads beside its own modules. */
function copySql() {
  return filesBelow(SRC)
    .filter((path) => path.endsWith('.sql'))
    .map((path) => {
      const target = join(DIST, relative(SRC, path));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(path, target);
      return target;
    });
}

/** A module that was renamed or deleted must not live on in dist; vite empties its own folder. */
function removeStale(copies) {
  const compiled = filesBelow(SRC)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => join(DIST, relative(SRC, path)).replace(/\.ts$/, '.js'));
  const stamps = PARTS.map(({ stamp }) => stamp);
  const wanted = new Set([...stamps, ...copies, ...compiled, ...compiled.map((path) => `${path}.map`)]);
  for (const path of filesBelow(DIST)) if (!wanted.has(path) && !path.startsWith(WEB_DIST + sep)) rmSync(path);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = (await build()) ? 0 : 1;
}
