import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import { codeOf, WhydError } from '../errors.ts';
import type { FileFollowerOptions } from './file-follower-options.ts';
import type { FoundFile } from './discover.ts';
import { Generation } from './generation.ts';
import { GenerationReader, type ReadingPlace, type Rewriting } from './generation-reader.ts';
import { troubleOf, type Trouble } from './io-trouble.ts';
import { Succession } from './succession.ts';
import type { FileStatus, GapReason, TailGap } from './tail-handler.ts';

/** Owns one physical file from the first sight to the last byte, through renames and truncations. */
export class FileFollower {
  readonly succession: Succession;
  readonly #options: FileFollowerOptions;
  readonly #reader: GenerationReader;
  readonly #generation: Generation;
  #path: string;
  #predecessor: FileFollowerOptions['predecessor'];
  #continues: number | null = null;
  #restored = false;
  #closed = false;
  #trouble: Trouble | null = null;
  /** Size at the last look that showed the file to be the one we know; null before the first. */
  #sizeBytes: number | null = null;
  #atEnd = false;
  #endSeenAtMs: number | null = null;
  /** What was said last, until more changes than the moment of the last look. */
  #status: { -readonly [Key in keyof FileStatus]: FileStatus[Key] } | null = null;
  /** Why the generation that is read from a copy came to its end. */
  #copyReason: GapReason = 'truncated';

  constructor(options: FileFollowerOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#predecessor = options.predecessor;
    this.#reader = new GenerationReader(options.identity, options);
    this.#generation = new Generation(options.source, options.identity, options.handler);
    this.succession = new Succession(options.timing);
  }

  get identity(): FileIdentity {
    return this.#options.identity;
  }

  get path(): string {
    return this.#path;
  }

  get isOpen(): boolean {
    return this.#reader.isOpen;
  }

  get fileId(): number | null {
    return this.#generation.fileId;
  }

  /** A scan found the file under this name, new or old. What it saw is as good as a look of our own at the moment when it began, by both clocks. */
  found(file: FoundFile, nowMs: number, scannedAtMs: number): void {
    if (file.path !== this.#path || this.succession.isDisplaced) this.#status = null;
    this.#path = file.path;
    this.succession.found();
    if (this.#trouble !== null || !this.#atEnd) return;
    if (this.#reader.isAsChecked(file)) {
      this.#endSeenAtMs = scannedAtMs;
      if (this.#status !== null) this.#status.endSeenAtMs = scannedAtMs;
      this.succession.polled(nowMs, false, true);
    } else this.succession.stir();
  }

  /**
   * Reads on, for at most about `budgetBytes`.
   * @param nowMs any monotonic clock, milliseconds
   * @returns bytes that the handler accepted; 0 at the end of the file, in trouble, or while the predecessor is not drained
   */
  poll(budgetBytes: number, nowMs: number): number {
    this.#status = null;
    try {
      if (!this.#reader.isOpen) this.#reader.open(this.#path);
      if (!this.#restored) this.#restore();
      const delivered = this.#readOn(budgetBytes, nowMs);
      this.#trouble = null;
      return delivered;
    } catch (error) {
      // A handle that went stale before anything was known of the file never heals.
      if (!this.#restored) this.#reader.close();
      this.#trouble = troubleOf(error);
      this.#atEnd = false;
      return 0;
    }
  }

  /**
   * Takes the descriptor at once, because the next rotation moves the name to another file.
   * @throws `tail.replaced`, or ENOENT, when that has happened already; any other trouble shows with the first poll
   */
  hold(): void {
    try {
      if (!this.#reader.isOpen) this.#reader.open(this.#path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'tail.replaced') throw error;
    }
  }

  /** Quiet for long, and looked at a moment ago: a thousand idle files must cost next to nothing. */
  restsUntilMs(nowMs: number, isWatched: boolean): number {
    return this.#trouble === null ? this.succession.restsUntilMs(nowMs, isWatched) : Number.NEGATIVE_INFINITY;
  }

  /** All that will come has come, or as good as: the successor may begin. */
  isDrained(nowMs: number): boolean {
    return this.#closed || this.succession.isDrained(nowMs, this.#trouble !== null);
  }

  /**
   * Ends the following of a file that was rotated away or deleted, once it has been quiet for long.
   * @returns true when the descriptor is closed and the handler knows
   */
  retire(nowMs: number): boolean {
    const unreachable = !this.#reader.isOpen && this.succession.isDisplaced;
    if (!unreachable && !this.succession.isOver(nowMs, this.#atEnd)) return false;
    try {
      const file = this.#generation.followed(this.#path);
      if (file !== null) this.#options.handler.onEnd(file);
    } catch (error) {
      this.#trouble = troubleOf(error);
      this.#status = null;
      return false;
    }
    this.close();
    return true;
  }

  /** Lets go of the descriptor without a word: the file is taken up again from its checkpoint. */
  close(): void {
    this.#closed = true;
    this.#predecessor = null;
    this.#reader.close();
  }

  /**
   * The checkpoint that goes on at `safeOffset`, which must lie in the current generation and not beyond what was read. Null when the file has
   * become another one, so that what proves the offset can't be read any more.
   * Good inside the handler's calls (then the chunk counts as read) and between them.
   */
  checkpoint(safeOffset: number): FileCheckpoint | null {
    return this.#reader.checkpointAt(safeOffset, this.#place);
  }

  /** Whether another file is a copy of this one that is read in its place. */
  readsCopy(identity: FileIdentity): boolean {
    return this.#reader.readsCopy(identity);
  }

  /** Line ends in [from, to), which must have been read. Null when the file has become another one. */
  countLines(from: number, to: number): number | null {
    return this.#reader.countLines(from, to);
  }

  /** The same object as long as nothing changes but the moment of the last look. */
  status(gaps: number): FileStatus {
    if (this.#status?.gaps === gaps) return this.#status;
    const { offset } = this.#reader;
    this.#status = {
      kind: this.#options.source.kind,
      path: this.#path,
      fileId: this.fileId,
      state: this.#trouble?.state ?? (this.#atEnd ? 'following' : 'reading'),
      reason: this.#trouble?.reason ?? this.succession.standing,
      hint: this.#trouble?.hint ?? null,
      offset,
      sizeBytes: this.#sizeBytes ?? 0,
      lagBytes: this.#bytesBehind() ?? 0,
      gaps,
      atEnd: this.#atEnd,
      endSeenAtMs: this.#endSeenAtMs,
    };
    return this.#status;
  }

  get #place(): ReadingPlace {
    return { path: this.#path, generation: this.#generation.number };
  }

  #restore(): void {
    const { checkpoint, openedAtMs, predecessorLost } = this.#options;
    if (checkpoint === null) {
      this.#reader.begin(openedAtMs ?? Date.now());
      this.#announceNext(0, predecessorLost ? { reason: 'replaced_while_stopped', bytesLost: null } : null);
    } else this.#takeUp(checkpoint, openedAtMs);
    this.#restored = true;
  }

  #takeUp(checkpoint: FileCheckpoint, openedAtMs: number | null): void {
    const answer = this.#reader.takeUp(checkpoint, openedAtMs);
    if (answer === 'agrees') this.#announceNext(checkpoint.generation, null);
    else if (this.#reader.turnToCopy(this.#path, checkpoint, openedAtMs)) {
      this.#copyReason = answer;
      this.#announceNext(checkpoint.generation, null);
    } else {
      // Later generations may be in copies of their own.
      this.#reader.begin(openedAtMs ?? Date.now());
      this.#announceNext(checkpoint.generation + 1, { reason: answer, bytesLost: null });
    }
  }

  #readOn(budgetBytes: number, nowMs: number): number {
    // Taken before the look at the size: all that was written before this moment is then known to be read.
    const lookedAtMs = Date.now();
    this.#generation.announce();
    const waits = this.#predecessor !== null && !this.#predecessor.isDrained(nowMs);
    if (this.#reader.readsFromCopy()) return waits ? 0 : this.#readCopy(budgetBytes);
    const stats = this.#reader.stats();
    this.succession.unlinked = stats.unlinked;
    const rewriting = this.#reader.rewritingSeen(stats, this.#place);
    if (rewriting !== null) this.#leaveGeneration(rewriting);
    this.#generation.announce();
    if (this.#reader.readsFromCopy()) return waits ? 0 : this.#readCopy(budgetBytes);
    if (waits) {
      this.#sizeBytes = stats.sizeBytes;
      return 0;
    }
    [this.#continues, this.#predecessor] = [this.#predecessor?.fileId ?? this.#continues, null];
    const delivered = this.#readTo(stats.sizeBytes, budgetBytes);
    if (!this.#generation.isAnnounced || this.#reader.readsFromCopy()) {
      // The file became another one while it was read: its size is no longer the one that was looked up.
      this.#atEnd = false;
      this.#generation.announce();
      return delivered;
    }
    this.#sizeBytes = stats.sizeBytes;
    this.#atEnd = this.#reader.offset >= stats.sizeBytes;
    if (this.#atEnd) this.#endSeenAtMs = lookedAtMs;
    this.succession.polled(nowMs, delivered > 0, this.#atEnd);
    return delivered;
  }

  /** Goes on in the copy until it is read, then with what came after it. */
  #readCopy(budgetBytes: number): number {
    this.#atEnd = false;
    const sizeBytes = this.#reader.sizeBytes();
    const delivered = this.#readTo(sizeBytes, budgetBytes);
    if (!this.#reader.readsFromCopy() || this.#reader.offset < sizeBytes) return delivered;
    this.#reader.leaveCopy();
    this.#sizeBytes = 0;
    this.#announceNext(this.#generation.number + 1, { reason: this.#copyReason, bytesLost: 0 });
    this.#generation.announce();
    return delivered;
  }

  #readTo(sizeBytes: number, budgetBytes: number): number {
    let delivered = 0;
    while (delivered < budgetBytes && this.#reader.offset < sizeBytes) {
      const bytes = this.#reader.read(this.#options.buffer, this.#place);
      if (typeof bytes === 'string') {
        this.#leaveGeneration(bytes);
        break;
      }
      this.#sizeBytes = sizeBytes;
      if (bytes.length === 0) break;
      this.#deliver(bytes);
      delivered += bytes.length;
    }
    return delivered;
  }

  #deliver(bytes: Buffer): void {
    const file = this.#generation.followed(this.#path, this.#continues);
    if (file === null) throw new WhydError('internal.no_file_id', 'a chunk was read before its file had an id');
    const byteStart = this.#reader.offset;
    let wereAccepted = false;
    try {
      this.#options.handler.onChunk({ fileId: file.fileId, byteStart, bytes, startsGeneration: byteStart === 0 }, file);
      wereAccepted = true;
    } finally {
      this.#reader.handled(bytes, wereAccepted);
    }
  }

  /** The file's content is another one now. What a rotator copied before that is read first; what nobody kept is lost. */
  #leaveGeneration(reason: Rewriting): void {
    const isCopied = this.#reader.readsFromCopy();
    if (this.fileId !== null && (isCopied || this.#reader.turnToCopyHere(this.#place))) {
      this.#copyReason = reason;
      return;
    }
    const bytesLost = this.#bytesBehind();
    this.#reader.begin(this.#reader.openedAtMs ?? Date.now());
    this.#sizeBytes = 0;
    this.#announceNext(this.#generation.number + 1, { reason, bytesLost });
  }

  /** Bytes that were seen and not read yet; null when nothing was seen. */
  #bytesBehind(): number | null {
    return this.#sizeBytes === null ? null : Math.max(0, this.#sizeBytes - this.#reader.offset);
  }

  #announceNext(number: number, gap: TailGap | null): void {
    this.#generation.begin(number, this.#path, gap, this.#reader.openedAtMs);
  }
}
