import { englishOf } from './causes/english.ts';
import type { PostgresContextEvent, PostgresErrorEvent } from '../domain.ts';
import { groupBy } from './group-by.ts';
import { byTime } from './order.ts';
import type { Window } from './window.ts';

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

type SessionEntry = PostgresContextEvent | PostgresErrorEvent;

/** What each session waited for, found by the pid that waited. */
export class LockWaits {
  readonly #bySession: ReadonlyMap<string, readonly SessionEntry[]>;
  /** Place of each entry in its session. */
  readonly #places = new Map<SessionEntry, number>();

  constructor(window: Window) {
    this.#bySession = groupBy(window.postgres.filter(({ pid }) => pid !== null).sort(byTime), ({ pid }) => String(pid));
    for (const session of this.#bySession.values())
      for (const [place, entry] of session.entries()) this.#places.set(entry, place);
  }

  /** The wait that was still unanswered when this error came: the last of the session, with no success and no other error between. */
  behind(error: PostgresErrorEvent): LockWait | null {
    const session = this.#bySession.get(String(error.pid)) ?? [];
    const errorAt = this.#places.get(error) ?? 0;
    for (let i = errorAt - 1; i >= 0; i--) {
      const entry = session[i];
      if (entry === undefined || entry.kind === 'postgres_error' || SETTLED.test(englishOf(entry.message))) return null;
      const wait = readWait(entry);
      if (wait !== null) return wait;
    }
    return null;
  }

  /** The last entry in which a session showed its statement before a moment: what a lock's holder was about. */
  lastStatement(pid: number, before: SessionEntry): SessionEntry | null {
    const session = this.#bySession.get(String(pid)) ?? [];
    // A session of a storm has thousands of entries, and each of its victims asks.
    let from = 0;
    let to = session.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const entry = session[middle];
      if (entry !== undefined && byTime(entry, before) <= 0) from = middle + 1;
      else to = middle;
    }
    for (let at = from - 1; at >= 0; at--) {
      const entry = session[at];
      if (entry !== undefined && entry.statement !== null) return entry;
    }
    return null;
  }
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
