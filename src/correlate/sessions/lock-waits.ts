import { englishOf } from '../causes/english.ts';
import type { Evidence, PostgresContextEvent, PostgresErrorEvent } from '../../domain.ts';
import type { Sessions } from './sessions.ts';
import { shortened } from '../identity/statements.ts';

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

/** Each victim of a queue asks for the waits of all before it. */
const memo = new WeakMap<PostgresContextEvent, LockWait | null>();

export function readWait(entry: PostgresContextEvent): LockWait | null {
  const known = memo.get(entry);
  if (known !== undefined) return known;
  const wait = parseWait(entry);
  memo.set(entry, wait);
  return wait;
}

function parseWait(entry: PostgresContextEvent): LockWait | null {
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

/** Waits that were told in a stretch of time (on Postgres' clock), oldest first, without those that ended well inside it. */
export function lockWaitsWithin(sessions: Sessions, fromUs: number, toUs: number): LockWait[] {
  const open = new Map<number, LockWait>();
  for (const entry of sessions.within(fromUs, toUs)) {
    if (entry.kind !== 'postgres_context' || entry.pid === null) continue;
    const wait = readWait(entry);
    if (wait !== null) open.set(wait.pid, wait);
    else if (SETTLED.test(englishOf(entry.message))) open.delete(entry.pid);
  }
  return [...open.values()];
}

/** Who held the lock, one piece of evidence for each holder: who it is, what it was about, and for how long it was waited for. */
export function waitEvidence(wait: LockWait, sessions: Sessions): Evidence[] {
  return wait.holders.slice(0, MAX_HOLDERS).map((holder) => {
    const head = headOfQueue(holder, wait, sessions);
    const name = sessions.nameOf(head, wait.entry);
    const statement = sessions.lastStatement(head, wait.entry);
    const who = `pid ${String(head)}${name === null ? '' : ` (${name})`}`;
    const through = head === holder ? '' : `, through pid ${String(holder)}, which waited itself,`;
    const about = statement === null ? '' : `; last seen with: ${shortened(statement)}`;
    return {
      rule: 'lock_holder',
      weight: HOLDER_WEIGHT,
      says: `${who} held ${wait.lock}${through} for ${String(Math.round(wait.waitedMs))} ms and more${about}`,
    };
  });
}

const MAX_HOLDERS = 4;
/** Postgres names the holders itself. */
const HOLDER_WEIGHT = 4.6;

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
