export interface SuccessionTiming {
  /** How long a superseded file must be quiet before its successor is read: its writer may take a moment to reopen the name. */
  readonly graceMs: number;
  /** How long a file without a future stays open after it fell quiet. */
  readonly lingerMs: number;
}

/** A writer that never lets go of a rotated file must not keep its successor waiting for longer than this many grace periods. */
const MAX_GRACE_PERIODS = 10;

/** A file that has not grown for so long is looked at less often, and the less the longer it is quiet: after its quiet time's share, within bounds. */
const QUIET_MS = 5000;
const REST_SHARE = 0.2;
const MIN_REST_MS = 900;
const MAX_REST_MS = 2500;
/** Of a file that the file system watches: longer than the slowest rhythm of the scans, whose looks are enough then. */
const MAX_WATCHED_REST_MS = 7500;

/**
 * What is known of one file's standing at its path: whether it still has its name, whether another file waits for it, and for how long it
 * has been quiet. All times are milliseconds of one monotonic clock.
 */
export class Succession {
  readonly #timing: SuccessionTiming;
  /** No name leads to the file any more. */
  unlinked = false;
  #displacedAtMs: number | null = null;
  #replaced = false;
  #supersededAtMs: number | null = null;
  #grewAtMs = Number.NEGATIVE_INFINITY;
  #endSeenAtMs = Number.NEGATIVE_INFINITY;
  #isStirred = false;

  constructor(timing: SuccessionTiming) {
    this.#timing = timing;
  }

  get isDisplaced(): boolean {
    return this.#displacedAtMs !== null;
  }

  /** What is to be said of a file that may have lost its name to another one, which is told under the same name then; null: nothing. */
  get standing(): string | null {
    return this.isDisplaced ? 'rotated or removed: let go once it has been quiet for a while' : null;
  }

  /** A scan found the file under one of the names that are followed. */
  found(): void {
    this.#displacedAtMs = null;
    this.#replaced = false;
  }

  /** A scan did not find the file; `replaced` when another one has its name. */
  displace(nowMs: number, replaced: boolean): void {
    this.#displacedAtMs ??= nowMs;
    this.#replaced ||= replaced;
  }

  /** A successor waits until this file is drained. */
  supersede(nowMs: number): void {
    this.#supersededAtMs ??= nowMs;
  }

  polled(nowMs: number, grew: boolean, atEnd: boolean): void {
    this.#isStirred = false;
    if (grew) this.#grewAtMs = nowMs;
    if (atEnd) this.#endSeenAtMs = nowMs;
  }

  /** It was read to its end, and has not grown for long since. */
  isQuiet(nowMs: number): boolean {
    return nowMs - this.#grewAtMs >= QUIET_MS && this.#endSeenAtMs > this.#grewAtMs;
  }

  /** Until when it need not be looked at: it has not grown for long, nobody waits for it, and its end was seen a moment ago. */
  restsUntilMs(nowMs: number, isWatched: boolean): number {
    const quietMs = nowMs - this.#grewAtMs;
    const hasNews = this.#isStirred || this.#displacedAtMs !== null || this.#supersededAtMs !== null;
    if (hasNews || quietMs < QUIET_MS) return Number.NEGATIVE_INFINITY;
    const maxRestMs = isWatched ? MAX_WATCHED_REST_MS : MAX_REST_MS;
    return this.#endSeenAtMs + Math.min(maxRestMs, Math.max(MIN_REST_MS, quietMs * REST_SHARE));
  }

  /** It is not as it was: it rests no longer. */
  stir(): void {
    this.#isStirred = true;
  }

  isDrained(nowMs: number, failing: boolean): boolean {
    const sinceMs = this.#supersededAtMs;
    if (sinceMs === null) return false;
    const { graceMs } = this.#timing;
    if (failing) return nowMs - sinceMs >= graceMs;
    if (this.#endSeenAtMs < sinceMs) return false;
    const quietSinceMs = Math.max(sinceMs, this.#grewAtMs);
    return nowMs - quietSinceMs >= graceMs || nowMs - sinceMs >= MAX_GRACE_PERIODS * graceMs;
  }

  /**
   * Nobody can write to the file any more, or only a writer that did not notice the rotation and has been quiet for long.
   * A renamed file whose name nobody took is kept: its writer has not reopened yet, however long that takes.
   */
  isOver(nowMs: number, atEnd: boolean): boolean {
    if (this.#displacedAtMs === null || !atEnd) return false;
    if (!this.#replaced && !this.unlinked) return false;
    return nowMs - Math.max(this.#displacedAtMs, this.#grewAtMs) >= this.#timing.lingerMs;
  }
}
