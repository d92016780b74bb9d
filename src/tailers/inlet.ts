import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { SourceKind } from '../domain.ts';
import { troubleOf } from './io-trouble.ts';
import type { Trouble } from './io-trouble.ts';
import type { Spool } from './spool.ts';
import type { FileStatus } from './tail-handler.ts';

/** What brings lines in that lie in no file yet, and puts them into spools. */
export interface Inlet {
  /** Idempotent. */
  start(): void;
  /** Takes what the senders have handed to the kernel already, puts it on the disk, then lets go. Idempotent. */
  stop(): Promise<void>;
  status(): readonly FileStatus[];
}

const RETRY_DELAY_MS = 500;
/** The senders are held back (by their pipe or connection) while so much waits to be read: they keep it better than we do. */
const MAX_BACKLOG_BYTES = 256 * 2 ** 20;
/** Nothing came in so many looks in a row: the kernel has no more. */
const QUIET_LOOKS = 4;
const LOOK_INTERVAL_MS = 15;
/** A sender that never pauses cannot keep whyd from stopping. */
const MAX_DRAIN_MS = 3000;

export interface IntakeOptions {
  readonly spools: readonly Spool[];
  /** Bytes in the spools that are not in the index yet. */
  readonly backlogBytes: () => number;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Writes what came into the spools, and holds the senders back while that does not succeed or too much of it waits to be read. */
export class Intake {
  readonly #options: IntakeOptions;
  #timer: NodeJS.Timeout | null = null;
  #taken = 0;
  #isDraining = false;
  trouble: Trouble | null = null;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** To be called after something was appended. */
  readonly take = (): void => {
    this.#taken += 1;
    if (this.#timer !== null) return;
    if (this.#flush() && (this.#isDraining || this.#options.backlogBytes() <= MAX_BACKLOG_BYTES)) {
      this.#options.resume();
      return;
    }
    this.#options.pause();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.take();
    }, RETRY_DELAY_MS);
  };

  /**
   * Reads on until the senders pause: what they were told is sent must not die in a socket's buffer.
   * @returns false when they did not pause, or what came cannot be written
   */
  async drain(): Promise<boolean> {
    this.#isDraining = true;
    this.#stopTimer();
    this.take();
    const untilMs = performance.now() + MAX_DRAIN_MS;
    for (let quiet = 0; quiet < QUIET_LOOKS;) {
      if (this.trouble !== null || performance.now() > untilMs) return false;
      const taken = this.#taken;
      await sleep(LOOK_INTERVAL_MS);
      // After the timers, so that what is there to be read has been read.
      await setImmediate();
      quiet = taken === this.#taken ? quiet + 1 : 0;
    }
    return true;
  }

  /**
   * A last try.
   * @param isDrained false: something may be on its way still, and the mark stays
   */
  stop(isDrained: boolean): void {
    this.#stopTimer();
    this.#flush();
    for (const spool of this.#options.spools) {
      if (isDrained) spool.unmark();
      try {
        spool.close();
      } catch (error) {
        // The mark is still there, and tells the next start.
        this.trouble = troubleOf(error);
      }
    }
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #flush(): boolean {
    try {
      for (const spool of this.#options.spools) spool.flush();
      this.trouble = null;
      return true;
    } catch (error) {
      const { reason, hint } = troubleOf(error);
      const nothingLost = 'the senders wait meanwhile, as long as they can';
      this.trouble = {
        state: 'failing',
        reason: `cannot write the spool: ${reason}`,
        hint: `${hint ?? 'check the disk'}; ${nothingLost}`,
      };
      return false;
    }
  }
}

/** What holds no bytes of its own: its spool's row tells of those. */
export function inletStatus(kind: SourceKind, path: string, trouble: Trouble | null, says: string | null): FileStatus {
  return {
    kind,
    path,
    fileId: null,
    state: trouble?.state ?? 'following',
    reason: trouble?.reason ?? says,
    hint: trouble?.hint ?? null,
    offset: 0,
    sizeBytes: 0,
    lagBytes: 0,
    gaps: 0,
    atEnd: true,
    endSeenAtMs: null,
  };
}
