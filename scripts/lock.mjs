import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './stamp.mjs';

// Outside the project: npm ci deletes node_modules, and with it any lock inside.
const LOCK = join(tmpdir(), `whyd-prepare-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}`);
const OWNER = join(LOCK, 'pid');
const POLL_INTERVAL_MS = 200;
/** A lock without an owner's pid is one that is being made, unless it stays so. */
const OWNERLESS_MAX_AGE_MS = 10_000;

/** Runs `work` while no other run on this folder does; a lock left by a dead process is taken over. */
export async function withLock(work, onWait) {
  let waiting = false;
  while (!tryLock()) {
    if (isAbandoned()) {
      discard();
      continue;
    }
    if (!waiting) onWait();
    waiting = true;
    await sleep(POLL_INTERVAL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function tryLock() {
  try {
    mkdirSync(LOCK);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(OWNER, String(process.pid));
  return true;
}

function isAbandoned() {
  try {
    const pid = Number(readFileSync(OWNER, 'utf8'));
    if (pid > 0) return !isAlive(pid);
    return Date.now() - statSync(LOCK).mtimeMs > OWNERLESS_MAX_AGE_MS;
  } catch {
    const age = ageMs();
    return age !== null && age > OWNERLESS_MAX_AGE_MS;
  }
}

function ageMs() {
  try {
    return Date.now() - statSync(LOCK).mtimeMs;
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Renamed first: of two runs that both find the lock abandoned, one wins and the other tries again. */
function discard() {
  const aside = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, aside);
    rmSync(aside, { recursive: true, force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}
