import { englishOf } from './causes/english.ts';
import type { PostgresContextEvent, PostgresErrorEvent } from '../domain.ts';
import type { Sessions } from './sessions.ts';

/** One `still waiting` entry: who waited for what, how long so far, and who held it. */
export interface LockWait {
  readonly entry: PostgresContextEvent;
  readonly pid: number;
  readonly lock: string;
  readonly waitedMs: number;
  readonly holders: readonly number[];
}

const WAITING = /^process (\d+) still waiting for (.+) after (\d+(?:\.\d+)?) ms/;
/** The row is free. To get the tuple's lock only means to be first in the queue for it: the wait goes on. */
const SETTLED = /^process \d+ (?:acquired (?!\w+ on tuple)|avoided|failed to acquire|detected deadlock)/;
/** The first list of numbers is the holders', whatever the language. */
const HOLDERS = /^[^:]{1,80}: ([\d, ]+)\./;

/** The wait that was still unanswered when this error came: the last of its session, with no success and no other error between. */
export function waitBehind(error: PostgresErrorEvent, sessions: Sessions): LockWait | null {
  for (const entry of sessions.before(error)) {
    if (entry.kind === 'postgres_error' || SETTLED.test(englishOf(entry.message))) return null;
    const wait = readWait(entry);
    if (wait !== null) return wait;
  }
  return null;
}

export function readWait(entry: PostgresContextEvent): LockWait | null {
  const match = WAITING.exec(englishOf(entry.message));
  if (match === null) return null;
  const holders = HOLDERS.exec(entry.detail ?? '')?.[1] ?? '';
  return {
    entry,
    pid: Number(match[1]),
    lock: match[2] ?? '',
    waitedMs: Number(match[3]),
    holders: holders
      .split(',')
      .map(Number)
      .filter((pid) => pid > 0),
  };
}
