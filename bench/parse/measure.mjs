import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';

const POLL_MS = 10;

/**
 * Runs a program to its end: wall time in seconds and peak resident memory in bytes (0 where it cannot be known). Its output goes to `output`, a
 * path: grep stops at the first hit when that is /dev/null.
 */
export async function measure(command, args, output, env = process.env) {
  const out = openSync(output, 'w');
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', out, 'ignore'], env });
  let peakBytes = 0;
  const poll = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
  }, POLL_MS);
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  clearInterval(poll);
  closeSync(out);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}`);
  return { seconds: (performance.now() - start) / 1000, peakBytes };
}

/** Linux keeps the high-water mark of each process. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
