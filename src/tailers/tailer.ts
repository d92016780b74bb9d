import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { isDynamicPattern } from 'tinyglobby';
import type { FileCheckpoint } from '../domain.ts';
import type { TailSource } from './discover.ts';
import type { CheckpointLookup } from './file-checkpoint.ts';
import { FileRoster } from './file-roster.ts';
import type { Attention, FileRosterOptions } from './file-roster.ts';
import type { FileStatus, TailHandler } from './tail-handler.ts';
import { WakeUps } from './wake-ups.ts';

export interface TailerOptions {
  readonly sources: readonly TailSource[];
  readonly handler: TailHandler;
  readonly checkpoints: CheckpointLookup;
  /** Let the file system wake the tailer before its next poll is due. All works without, only later. */
  readonly watch: boolean;
  /** Stops the tailer as stop() does. */
  readonly signal?: AbortSignal;
  readonly pollIntervalMs?: number;
  readonly rescanIntervalMs?: number;
  readonly graceMs?: number;
  readonly lingerMs?: number;
  readonly turnBudgetBytes?: number;
  /** See FileRosterOptions. */
  readonly sinceMs?: number | null;
  readonly readsHistory?: boolean;
  /** See FileRosterOptions; the start of this run unless given. */
  readonly unseenSinceMs?: number;
  /** See FileRosterOptions; a folder of its own among the temporary ones unless given. */
  readonly unpackFolder?: string;
  readonly gapBefore?: NonNullable<FileRosterOptions['gapBefore']>;
}

const DEFAULTS = {
  pollIntervalMs: 250,
  rescanIntervalMs: 1000,
  graceMs: 1000,
  lingerMs: 60_000,
  turnBudgetBytes: 1024 * 1024,
  sinceMs: null,
  readsHistory: false,
  gapBefore: () => null,
  unpackFolder: join(tmpdir(), `whyd-unpacked-${String(process.pid)}`),
} as const;

/** How long a file that cannot be read, or whose events cannot be stored, holds up what depends on it. */
const FAILURE_PATIENCE_MS = 30_000;

/** While nothing is written and no name moves, the folders are looked through less and less often, down to so many intervals. */
const MAX_RESCAN_INTERVALS = 5;
const RESCAN_BACK_OFF = 1.5;

/** A writer of many small lines wakes us many times: they are taken together. */
const WAKE_DELAY_MS = 20;

/** Follows the files of all sources: nothing lost, nothing twice. The composition root's one door to this room. */
export class Tailer {
  readonly #options: Required<Omit<TailerOptions, 'signal'>>;
  readonly #signal: AbortSignal | null;
  readonly #roster: FileRoster;
  readonly #wakeUps: WakeUps | null;
  readonly #stopping = new AbortController();
  #rescanDueMs = 0;
  #rescanIntervalMs = 0;
  #scannedAtMs = Number.NEGATIVE_INFINITY;
  /** Since the last scan something was read, or somebody waits for all to be read. */
  #isInUse = false;
  #isAsked = false;
  #allLookedAtMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  /** Ends the pause between two rounds early. */
  #wake: () => void = () => undefined;
  #woken = false;
  readonly #wokenPaths = new Set<string>();

  constructor(options: TailerOptions) {
    this.#options = { ...DEFAULTS, unseenSinceMs: Date.now(), ...options };
    this.#signal = options.signal ?? null;
    const { graceMs, lingerMs } = this.#options;
    this.#roster = new FileRoster({
      ...this.#options,
      timing: { graceMs, lingerMs },
      signal: this.#stopping.signal,
    });
    this.#wakeUps = options.watch ? new WakeUps(this.#onWake) : null;
  }

  /** Looks for the files and reads a first turn of each, then goes on in the background. Idempotent. */
  async start(): Promise<void> {
    if (this.#running !== null || this.#stopping.signal.aborted) return;
    if (this.#signal?.aborted === true) return;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    const first = this.#round();
    this.#running = first.then((busy) => this.#loop(busy));
    // A failure is handed on by start() for the first round and by stop() for the later ones, never to the process.
    this.#running.catch(() => undefined);
    await first;
  }

  /**
   * Ends after the call of the handler that is under way, and closes every descriptor. Idempotent.
   * @throws what ended the loop, if it ended by itself
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    try {
      await this.#running;
    } finally {
      this.#roster.close();
      await this.#wakeUps?.close();
    }
  }

  /** Settles when the loop has ended: it rejects only for a fault of whyd's own, since files and handlers that fail are tried again. */
  get done(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Files that are left alone because nobody wrote to them for too long. */
  get oldFiles(): number {
    return this.#roster.oldFiles;
  }

  status(): readonly FileStatus[] {
    return this.#roster.status();
  }

  /**
   * Whether all that was written before a moment (wall clock, ms) has been read: every file to its end, and the folders looked through for
   * new ones. A file that has been failing for long is not waited for: nobody knows whether it ever heals. While the answer is no, quiet files
   * and folders are looked at more often.
   */
  readPast(ms: number): boolean {
    const hasReadPast = this.#scannedAtMs >= ms && this.#filesReadPast(ms);
    if (!hasReadPast && !this.#isAsked) {
      this.#isAsked = true;
      this.#wake();
    }
    return hasReadPast;
  }

  #filesReadPast(ms: number): boolean {
    const forgivenMs = Date.now() - FAILURE_PATIENCE_MS;
    return this.#roster.status().every(({ fileId, state, atEnd, endSeenAtMs }) => {
      if (state === 'failing' && ms < forgivenMs) return true;
      return (fileId === null && state !== 'reading') || (atEnd && (endSeenAtMs ?? 0) >= ms);
    });
  }

  /**
   * The checkpoint from which this file is taken up again at `safeOffset`, to be stored with the events before it. May be called inside
   * the handler's calls. Null when the file is no longer followed under this id: its last checkpoint stands.
   */
  checkpoint(fileId: number, safeOffset: number): FileCheckpoint | null {
    return this.#roster.checkpoint(fileId, safeOffset);
  }

  /** Line ends in [from, to) of a file that is followed, whatever its name is by now; null when it no longer is. */
  countLines(fileId: number, from: number, to: number): number | null {
    return this.#roster.countLines(fileId, from, to);
  }

  readonly #onWake = (path: string, namesMoved: boolean): void => {
    if (namesMoved) this.#rescanDueMs = 0;
    this.#wokenPaths.add(path);
    if (this.#woken) return;
    this.#woken = true;
    setTimeout(() => {
      this.#wake();
    }, WAKE_DELAY_MS).unref();
  };

  readonly #onAbort = (): void => {
    // Whoever aborts may also call stop() and sees its errors; here there is nobody to hear them.
    this.stop().catch(() => undefined);
  };

  async #loop(firstWasBusy: boolean): Promise<void> {
    let busy = firstWasBusy;
    while (!this.#stopping.signal.aborted) {
      if (!busy) await this.#pause();
      busy = await this.#round();
    }
  }

  /** One scan when it is due, and one turn for each file. True when some file may have more at once. */
  async #round(): Promise<boolean> {
    const woken = new Set(this.#wokenPaths);
    this.#wokenPaths.clear();
    this.#woken = false;
    const nowMs = performance.now();
    const isAsked = this.#isAsked && nowMs - this.#allLookedAtMs >= this.#options.rescanIntervalMs;
    if (isAsked) {
      this.#isAsked = false;
      this.#allLookedAtMs = nowMs;
      this.#isInUse = true;
    }
    if (isAsked || nowMs >= this.#rescanDueMs) await this.#rescan();
    let busy = false;
    const attention: Attention = {
      awake: isAsked ? 'all' : woken,
      isWatched: (path) => this.#wakeUps?.isWatched(path) === true,
    };
    for (const { path, delivered, wasQuiet } of this.#roster.turn(performance.now(), attention)) {
      this.#isInUse = true;
      if (wasQuiet && !woken.has(path)) this.#wakeUps?.missed(path);
      busy ||= delivered >= this.#options.turnBudgetBytes;
      // Readers share this thread: they are let in after each file.
      await setImmediate();
      if (this.#stopping.signal.aborted) break;
    }
    return busy;
  }

  async #rescan(): Promise<void> {
    const { rescanIntervalMs, sources } = this.#options;
    const scannedAtMs = Date.now();
    const isFirst = this.#rescanIntervalMs === 0;
    const hasMoved = (await this.#roster.rescan(performance.now())) || isFirst;
    this.#scannedAtMs = scannedAtMs;
    const isQuiet = !hasMoved && !this.#isInUse;
    const slowerMs = Math.min(rescanIntervalMs * MAX_RESCAN_INTERVALS, this.#rescanIntervalMs * RESCAN_BACK_OFF);
    this.#rescanIntervalMs = isQuiet ? slowerMs : rescanIntervalMs;
    this.#isInUse = false;
    this.#rescanDueMs = performance.now() + this.#rescanIntervalMs;
    if (!hasMoved) return;
    const { paths } = this.#roster;
    const literal = sources.flatMap((source) => source.paths.filter((path) => !isDynamicPattern(path)));
    const files = [...paths, ...literal.map((path) => resolve(path))];
    this.#wakeUps?.cover(new Set(files.map((path) => dirname(path))), files);
  }

  /** Until the next poll, or for as long as nothing is due at all. */
  #quietMs(): number {
    const { pollIntervalMs } = this.#options;
    if (this.#isAsked) return pollIntervalMs;
    return Math.max(pollIntervalMs, Math.min(this.#roster.nextTurnMs, this.#rescanDueMs) - performance.now());
  }

  async #pause(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const pauseMs = this.#woken ? WAKE_DELAY_MS : this.#quietMs();
    await new Promise<void>((done) => {
      const timer = setTimeout(done, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.#wake = () => undefined;
  }
}
