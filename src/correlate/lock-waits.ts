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

/**
 * The wait behind an error: the last of its session, with no other error between. One that a success answered is behind it only where the whole
 * statement's time ran out and the wait was that statement's: of 1,000 ms it may have eaten 740.
 */
export function waitBehind(error: PostgresErrorEvent, sessions: Sessions, timesStatement = false): LockWait | null {
  let isAnswered = false;
  for (const entry of sessions.before(error)) {
    if (entry.kind === 'postgres_error') return null;
    if (SETTLED.test(englishOf(entry.message))) isAnswered = true;
    const wait = readWait(entry);
    if (wait === null) continue;
    const isOfStatement = timesStatement && entry.statement !== null && entry.statement === error.statement;
    return isAnswered && !isOfStatement ? null : wait;
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

/** No queue is so long, and a cycle would be a deadlock, which ends otherwise. */
const MAX_QUEUE = 32;
/** Waits further back than this belong to another queue. */
const QUEUE_US = 30_000_000;

/** Follows a lock's holder to the one that it waits for itself, and so on to the session that waits for nobody. */
export function headOfQueue(holder: number, wait: LockWait, sessions: Sessions): number {
  let head = holder;
  for (let step = 0; step < MAX_QUEUE; step++) {
    const next = waitOf(head, wait.entry, sessions)?.holders[0];
    if (next === undefined || next === head) break;
    head = next;
  }
  return head;
}

function waitOf(pid: number, until: PostgresContextEvent, sessions: Sessions): LockWait | null {
  for (const entry of sessions.before(until, pid)) {
    if (until.at !== null && entry.at !== null && until.at.us - entry.at.us > QUEUE_US) return null;
    const wait = entry.kind === 'postgres_context' ? readWait(entry) : null;
    if (wait !== null) return wait;
  }
  return null;
}
