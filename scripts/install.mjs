import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashFiles, readStamp, ROOT } from './stamp.mjs';

const LOCK_FILE = join(ROOT, 'package-lock.json');
const MODULES = join(ROOT, 'node_modules');
const HIDDEN_LOCK_FILE = join(MODULES, '.package-lock.json');
const STAMP = join(MODULES, '.whyd-stamp');

/** The native module is compiled for one ABI, so another Node makes an installation stale just as another lock file does. */
function wantedStamp() {
  return hashFiles([LOCK_FILE], `${process.platform} ${process.arch} ${process.versions.modules}`);
}

export function isInstalled() {
  return readStamp(STAMP) === wantedStamp();
}

/** Takes over an installation that somebody made with npm itself, when it is the very one that the lock file asks for. */
export function adoptInstallation() {
  if (!existsSync(HIDDEN_LOCK_FILE) || existsSync(STAMP)) return false;
  if (!samePackages(readPackages(LOCK_FILE), readPackages(HIDDEN_LOCK_FILE)) || !nativeModuleWorks()) return false;
  writeFileSync(STAMP, wantedStamp());
  return true;
}

/** Runs `npm ci`; its output is shown only when it fails. */
export function install() {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 })
    : spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28, shell: process.platform === 'win32' });
  if (result.status !== 0) {
    process.stderr.write(
      `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`,
    );
    return false;
  }
  writeFileSync(STAMP, wantedStamp());
  return true;
}

function readPackages(path) {
  const packages = { ...JSON.parse(readFileSync(path, 'utf8')).packages };
  delete packages[''];
  return packages;
}

function samePackages(wanted, present) {
  const same = Object.entries(wanted).every(([path, entry]) => {
    const found = present[path];
    // npm leaves out optional packages that are for another platform.
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
  return same && Object.keys(present).every((path) => path in wanted);
}

function nativeModuleWorks() {
  const probe = "new (require('better-sqlite3'))(':memory:').close()";
  return spawnSync(process.execPath, ['-e', probe], { cwd: ROOT, stdio: 'ignore' }).status === 0;
}
