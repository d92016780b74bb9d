import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Enough for a question to come first on a full host, and little enough for the logs to be read all the same. */
const STEPS_BEHIND = 5;
const LAST = 19;

/**
 * The threads of this process: before the API has its own, the one that reads the logs, and those that collect and compile for it. None where a priority is
 * not a thread's own, as on Linux alone.
 */
export function threadsNow(platform: NodeJS.Platform = process.platform): readonly number[] {
  if (platform !== 'linux') return [];
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0]; // Of 0 it is the one that asks.
  }
}

/** Lets the API's thread go first. To be called when it has begun: a thread has the priority of the one that made it. */
export function yieldToAnswers(others: readonly number[]): void {
  for (const thread of others) {
    try {
      setPriority(thread, Math.min(LAST, getPriority(thread) + STEPS_BEHIND));
    } catch {
      // Gone by now; or a sandbox forbids it: then all have the same.
    }
  }
}
