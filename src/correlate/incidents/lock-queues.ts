import type { Claim } from '../matching/claims.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { groupBy } from '../group-by.ts';
import type { LockWait } from '../sessions/lock-waits.ts';

const MAX_HOLDERS = 16;
/** A queue that lasts is let through and forms anew: only waits of one moment are one chain. */
const SAME_QUEUE_US = 2_000_000;

interface Wait {
  readonly us: number;
  readonly pid: number;
  readonly holder: number | undefined;
}

/** Who waited for whom, and when, as the failures of a window tell. */
export class LockQueues {
  readonly #byPid: ReadonlyMap<string, readonly Wait[]>;

  constructor(failures: readonly { readonly claim: Claim; readonly diagnosis: Diagnosis }[]) {
    const waits = failures.flatMap(({ claim: { interval }, diagnosis: { wait } }): Wait[] =>
      wait === null || interval === null ? [] : [{ us: interval.fromUs, pid: wait.pid, holder: wait.holders[0] }],
    );
    this.#byPid = groupBy(waits, ({ pid }) => String(pid));
  }

  /** The session at the end of the queue's chain: who waits on a tuple waits on the first in line, and that one, at the same time, on the holder. */
  headOf({ holders }: LockWait, atUs: number): number {
    let pid = holders[0] ?? 0;
    for (let step = 0; step < MAX_HOLDERS; step++) {
      const waits = this.#byPid.get(String(pid));
      const next = waits?.find(({ us }) => Math.abs(us - atUs) <= SAME_QUEUE_US)?.holder;
      if (next === undefined || next === pid) break;
      pid = next;
    }
    return pid;
  }
}
