import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesBelow, hashFiles, readStamp, ROOT } from './stamp.mjs';

const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.whyd-stamp');
const COMMAND = join(DIST, 'cli', 'main.js');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const INPUTS = ['src', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'].map((name) =>
  join(ROOT, name),
);

export function isBuilt() {
  return readStamp(STAMP) === hashFiles(INPUTS);
}

/** Compiles src to dist. On an error of the compiler, dist keeps the last good build and its missing stamp marks it stale. */
export function build() {
  if (!existsSync(TSC)) {
    process.stderr.write('whyd: the compiler is not installed; run npm ci first\n');
    return false;
  }
  // Taken before the compiler reads: a file that changes meanwhile makes the result stale, not falsely fresh.
  const stamp = hashFiles(INPUTS);
  rmSync(STAMP, { force: true });
  const args = [TSC, '-p', 'tsconfig.build.json', '--noEmitOnError', '--pretty', String(process.stderr.isTTY === true)];
  const result = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) {
    process.stderr.write(
      `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`,
    );
    return false;
  }
  const copies = copySql();
  removeStale(copies);
  if (existsSync(COMMAND)) chmodSync(COMMAND, 0o755);
  writeFileSync(STAMP, stamp);
  return true;
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

/** A module that was renamed or deleted must not live on in dist. */
function removeStale(copies) {
  const compiled = filesBelow(SRC)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => join(DIST, relative(SRC, path)).replace(/\.ts$/, '.js'));
  const wanted = new Set([...copies, ...compiled, ...compiled.map((path) => `${path}.map`)]);
  for (const path of filesBelow(DIST)) if (!wanted.has(path)) rmSync(path);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = build() ? 0 : 1;
}
