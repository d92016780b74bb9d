import { getPriority, setPriority } from 'node:os';

/** Enough for a question to come first on a full host, and little enough for the logs to be read all the same. */
const STEPS_BEHIND = 5;
const LAST = 19;

/**
 * Lets the API's thread go first: on Linux a priority is a thread's own (of 0, of the one that asks), and threads that are there already keep theirs. So it
 * is to be called by the thread that reads the logs, when the API has begun. Elsewhere it would slow down both, so nothing is done.
 */
export function yieldToAnswers(platform: NodeJS.Platform = process.platform): void {
  if (platform !== 'linux') return;
  try {
    setPriority(0, Math.min(LAST, getPriority(0) + STEPS_BEHIND));
  } catch {
    // A sandbox may forbid it: then all have the same.
  }
}
