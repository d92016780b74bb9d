import type { SourceKind } from '../domain.ts';
import { troubleOf } from './io-trouble.ts';
import type { Trouble } from './io-trouble.ts';
import type { Spool } from './spool.ts';
import type { FileStatus } from './tail-handler.ts';

/** What brings lines in that lie in no file yet, and puts them into spools. */
export interface Inlet {
  /** Idempotent. */
  start(): void;
  /** Writes what has come, then lets go. Idempotent. */
  stop(): void;
  status(): readonly FileStatus[];
}

const RETRY_DELAY_MS = 500;
/** The senders are held back (by their pipe or connection) while so much waits to be read: they keep it better than we do. */
const MAX_BACKLOG_BYTES = 256 * 2 ** 20;

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
  trouble: Trouble | null = null;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** To be called after something was appended. */
  readonly take = (): void => {
    if (this.#timer !== null) return;
    if (this.#flush() && this.#options.backlogBytes() <= MAX_BACKLOG_BYTES) {
      this.#options.resume();
      return;
    }
    this.#options.pause();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.take();
    }, RETRY_DELAY_MS);
  };

  /** A last try. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flush();
    for (const spool of this.#options.spools) {
      if (spool.pendingBytes === 0) spool.unmark();
      spool.close();
    }
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
