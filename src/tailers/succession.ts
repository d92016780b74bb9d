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

  constructor(timing: SuccessionTiming) {
    this.#timing = timing;
  }

  get isDisplaced(): boolean {
    return this.#displacedAtMs !== null;
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
    if (grew) this.#grewAtMs = nowMs;
    if (atEnd) this.#endSeenAtMs = nowMs;
  }

  /** It has not grown for long, nobody waits for it, and its end was seen a moment ago. */
  isResting(nowMs: number): boolean {
    if (this.#displacedAtMs !== null || this.#supersededAtMs !== null) return false;
    const quietMs = nowMs - this.#grewAtMs;
    const restMs = Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, quietMs * REST_SHARE));
    return quietMs >= QUIET_MS && nowMs - this.#endSeenAtMs < restMs;
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
