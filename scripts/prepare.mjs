/**
 * Makes a clone ready to run: installs and builds what is missing or stale, and says nothing when all is fresh. It runs before anything is
 * installed, so it and what it imports use only what Node brings along.
 */
import { build, isBuilt } from './build.mjs';
import { adoptInstallation, install, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';

const MINIMUM_NODE = [20, 19];

/** `--install-only` leaves dist alone: checks need the tools, not the build. */
const wantsBuild = !process.argv.includes('--install-only');

function say(text) {
  // To stderr: stdout belongs to the program that runs next.
  process.stderr.write(`whyd: ${text}\n`);
}

function isNodeRecent() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
}

function isReady() {
  return isInstalled() && (!wantsBuild || isBuilt());
}

async function prepare() {
  if (!isInstalled() && !adoptInstallation()) {
    say('installing dependencies (npm ci; about a minute when better-sqlite3 has to be compiled)');
    if (!install())
      return fail('npm ci failed, see above; check the network and that a C++ compiler, make and python3 are there');
  }
  if (wantsBuild && !isBuilt()) {
    say('building');
    if (!(await build())) return fail('the build failed, see above');
  }
  return 0;
}

function fail(text) {
  say(text);
  return 1;
}

if (!isNodeRecent()) {
  process.exitCode = fail(`needs Node ${MINIMUM_NODE.join('.')} or later, and this is ${process.versions.node}`);
} else if (!isReady()) {
  process.exitCode = await withLock(prepare, () => say('waiting for another run that installs or builds'));
}
