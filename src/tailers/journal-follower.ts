import type { FileCheckpoint } from '../domain.ts';
import type { TailSource } from './discover.ts';
import type { CheckpointLookup } from './file-checkpoint.ts';
import { troubleOf } from './io-trouble.ts';
import type { Trouble } from './io-trouble.ts';
import { readJournalEntry } from './journal-entry.ts';
import { JournalLedger } from './journal-ledger.ts';
import { hasCursor, JournalProcess } from './journal-process.ts';
import type { JournalEnd } from './journal-process.ts';
import type { FileStatus, FollowedFile, TailGap, TailHandler } from './tail-handler.ts';

export interface JournalFollowerOptions {
  readonly source: TailSource;
  /** With or without its suffix. */
  readonly unit: string;
  readonly handler: TailHandler;
  readonly checkpoints: Pick<CheckpointLookup, 'generations'>;
  /** How far back the first start reads, wall clock; null: all there is. */
  readonly sinceMs: number | null;
  readonly restartDelayMs?: number;
}

const LF = 10;
const RESTART_DELAY_MS = 1000;
const MAX_RESTART_DELAY_MS = 60_000;
const RETRY_DELAY_MS = 500;
/** journald hands an entry on at once, and journalctl prints it: what was logged before this is known to be here. */
const DELIVERY_MS = 500;

/**
 * Follows one unit's journal. Its place is the cursor of the last entry, and beside it a count of all bytes that journalctl gave, which stands
 * for the offset in a file: entries that are read again after a restart have the same place again.
 */
export class JournalFollower {
  readonly #options: JournalFollowerOptions;
  readonly #unit: string;
  readonly #ledger = new JournalLedger();
  #file: FollowedFile | null = null;
  #process: JournalProcess | null = null;
  #rest: Buffer = Buffer.alloc(0);
  #trouble: Trouble | null = null;
  #timer: NodeJS.Timeout | null = null;
  #restartDelayMs: number;
  #startedMs = 0;
  #stopped = false;
  #gaps = 0;
  #sinceMs: number | null;

  constructor(options: JournalFollowerOptions) {
    this.#options = options;
    this.#sinceMs = options.sinceMs;
    this.#unit = options.unit.includes('.') ? options.unit : `${options.unit}.service`;
    this.#restartDelayMs = options.restartDelayMs ?? RESTART_DELAY_MS;
  }

  /** Idempotent. */
  async start(): Promise<void> {
    if (this.#process !== null || this.#stopped) return;
    try {
      if (this.#file === null) await this.#takeUp(this.#options.checkpoints.generations(this.#identity));
      if (this.#isStopped()) return;
      this.#spawn();
    } catch (error) {
      this.#troubleCame(troubleOf(error));
    }
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#process?.kill();
    this.#process = null;
  }

  /** The place of the last whole entry before `safeOffset`; null for another file's id. */
  checkpoint(fileId: number, safeOffset: number): FileCheckpoint | null {
    if (this.#file?.fileId !== fileId) return null;
    const { end: offset, cursor } = this.#ledger.before(safeOffset);
    const { path, identity, generation } = this.#file;
    // In a journal it is the cursor that proves the place.
    return {
      ...identity,
      path,
      generation,
      offset,
      headHash: '',
      headBytes: 0,
      markerHash: cursor ?? '',
      markerBytes: 0,
    };
  }

  /** Entries in [from, to) of what was handed on; null for another file's id. */
  countLines(fileId: number, from: number, to: number): number | null {
    return this.#file?.fileId === fileId ? this.#ledger.count(from, to) : null;
  }

  status(): FileStatus {
    const isRunning = this.#process !== null && this.#trouble === null;
    const hasWaited = isRunning && Date.now() - this.#startedMs > DELIVERY_MS;
    const { offset } = this.#ledger;
    return {
      kind: this.#options.source.kind,
      path: this.#path,
      fileId: this.#file?.fileId ?? null,
      state: this.#trouble?.state ?? (hasWaited ? 'following' : 'reading'),
      reason: this.#trouble?.reason ?? null,
      hint: this.#trouble?.hint ?? null,
      offset,
      sizeBytes: offset + this.#rest.length,
      lagBytes: this.#rest.length,
      gaps: this.#gaps,
      atEnd: hasWaited,
      endSeenAtMs: hasWaited ? Date.now() - DELIVERY_MS : null,
    };
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  get #path(): string {
    return `journald:${this.#unit}`;
  }

  get #identity(): FollowedFile['identity'] {
    return { dev: 'journald', ino: this.#unit, birthtimeNs: '0' };
  }

  async #takeUp(known: readonly FileCheckpoint[]): Promise<void> {
    // A generation that was opened and not read yet has no cursor: the one before it was read to its end.
    const last = known.find(({ markerHash }) => markerHash !== '');
    const generation = known[0]?.generation ?? 0;
    if (last === undefined) {
      this.#open(generation, null);
      return;
    }
    if (!(await hasCursor(last.markerHash))) {
      this.#open(generation + 1, { reason: 'vacuumed', bytesLost: null });
      this.#sinceMs = timeOf(last.markerHash) ?? this.#sinceMs;
      return;
    }
    this.#open(generation, null);
    this.#ledger.resume(last.generation === generation ? last.offset : 0, last.markerHash);
  }

  #open(generation: number, gap: TailGap | null): void {
    const { source } = this.#options;
    const opening = { kind: source.kind, path: this.#path, identity: this.#identity, generation };
    const fileId = this.#options.handler.openFile(opening, gap, Date.now());
    if (gap !== null) this.#gaps += 1;
    this.#file = { ...opening, source, fileId };
    this.#ledger.resume(0, null);
  }

  #spawn(): void {
    this.#rest = Buffer.alloc(0);
    this.#startedMs = Date.now();
    const start = { unit: this.#unit, cursor: this.#ledger.cursor, sinceMs: this.#sinceMs };
    const child: JournalProcess = new JournalProcess(
      start,
      (bytes) => {
        if (this.#process === child) this.#take(bytes);
      },
      (end) => {
        if (this.#process === child) this.#ended(end);
      },
    );
    this.#process = child;
    if (this.#trouble === null) return;
    // A quiet unit would else be called failing until its next entry.
    this.#later(DELIVERY_MS, () => {
      this.#trouble = null;
    });
  }

  #take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    try {
      this.#handOn();
      this.#trouble = null;
      this.#restartDelayMs = this.#options.restartDelayMs ?? RESTART_DELAY_MS;
      this.#process?.resume();
    } catch (error) {
      // What was not taken stays here, and the child waits at its pipe.
      this.#trouble = troubleOf(error);
      this.#process?.pause();
      this.#later(RETRY_DELAY_MS, () => {
        this.#take(Buffer.alloc(0));
      });
    }
  }

  /** Hands on the whole entries, in one run as far as nothing stands between them that is not the unit's own. */
  #handOn(): void {
    let run: string[] = [];
    let from = 0;
    for (let to = this.#rest.indexOf(LF); to >= 0; to = this.#rest.indexOf(LF, from)) {
      const line = this.#rest.subarray(from, to + 1);
      const entry = readJournalEntry(line, this.#unit);
      if (entry !== null && entry.dropped === 0 && entry.isOfUnit) {
        this.#ledger.add(line.length, entry.cursor);
        run.push(entry.cursor);
        from = to + 1;
        continue;
      }
      this.#deliver(from, run.length);
      if (entry !== null && entry.dropped > 0) this.#startGeneration(entry.cursor);
      this.#rest = this.#rest.subarray(line.length);
      run = [];
      from = 0;
    }
    this.#deliver(from, run.length);
  }

  /** The first bytes of the rest, which are `entries` entries that the ledger has already. */
  #deliver(length: number, entries: number): void {
    if (this.#file === null || length === 0) return;
    const byteStart = this.#ledger.offset - length;
    const bytes = this.#rest.subarray(0, length);
    try {
      this.#options.handler.onChunk(
        { fileId: this.#file.fileId, byteStart, bytes, startsGeneration: byteStart === 0 },
        this.#file,
      );
    } catch (error) {
      this.#ledger.takeBack(entries);
      throw error;
    }
    this.#rest = this.#rest.subarray(length);
  }

  #startGeneration(cursor: string): void {
    if (this.#file === null) return;
    this.#options.handler.onEnd(this.#file);
    this.#open(this.#file.generation + 1, { reason: 'suppressed', bytesLost: null });
    this.#ledger.resume(0, cursor);
  }

  #ended({ reason, hint }: JournalEnd): void {
    this.#process = null;
    this.#troubleCame({ state: 'failing', reason, hint });
  }

  #troubleCame(trouble: Trouble): void {
    this.#trouble = trouble;
    if (this.#stopped) return;
    this.#later(this.#restartDelayMs, () => {
      void this.start();
    });
    this.#restartDelayMs = Math.min(MAX_RESTART_DELAY_MS, this.#restartDelayMs * 2);
  }

  #later(delayMs: number, work: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(work, delayMs);
  }
}

/** When an entry was written, by its cursor: microseconds in hexadecimal. Null when the cursor does not say. */
function timeOf(cursor: string): number | null {
  const hex = /(?:^|[;:])t=([0-9a-f]+)/.exec(cursor)?.[1];
  return hex === undefined ? null : Math.floor(Number.parseInt(hex, 16) / 1000);
}
