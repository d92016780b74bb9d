import type { SourceKind } from '../domain.ts';
import { WhydError } from '../errors.ts';
import { verifyCheckpoint } from './file-checkpoint.ts';
import type { FileCheckpoint } from './file-checkpoint.ts';
import type { FileIdentity } from './file-identity.ts';
import { HEAD_MAX_BYTES, MARKER_MAX_BYTES, hashBytes } from './fingerprint.ts';
import { Generation } from './generation.ts';
import { HeldFile } from './held-file.ts';
import type { HeldStats } from './held-file.ts';
import { troubleOf } from './io-trouble.ts';
import type { Trouble } from './io-trouble.ts';
import { ReadCursor } from './read-cursor.ts';
import { Succession } from './succession.ts';
import type { SuccessionTiming } from './succession.ts';
import type { FileStatus, GapReason, TailHandler } from './tail-handler.ts';

export interface FileFollowerOptions {
  readonly kind: SourceKind;
  readonly path: string;
  readonly identity: FileIdentity;
  readonly checkpoint: FileCheckpoint | null;
  /** The file that was followed at this path before the restart is gone. */
  readonly predecessorLost: boolean;
  /** Is drained before the first byte of this file is read. */
  readonly predecessor: FileFollower | null;
  readonly handler: TailHandler;
  /** Shared by all followers: reads are synchronous and a chunk is valid only inside the handler's call. */
  readonly buffer: Buffer;
  readonly timing: SuccessionTiming;
}

/** Owns one physical file from the first sight to the last byte, through renames and truncations. */
export class FileFollower {
  readonly succession: Succession;
  readonly #options: FileFollowerOptions;
  readonly #file: HeldFile;
  readonly #cursor = new ReadCursor();
  readonly #generation: Generation;
  #path: string;
  #predecessor: FileFollower | null;
  #restored = false;
  #closed = false;
  #trouble: Trouble | null = null;
  /** Size at the last look that showed the file to be the one we know. */
  #sizeBytes = 0;
  #checkedMtimeNs: bigint | null = null;
  #atEnd = false;
  #endSeenAtMs: number | null = null;
  /** The region of the chunk that the handler is looking at, marker included. */
  #region: { readonly start: number; readonly bytes: Buffer } | null = null;

  constructor(options: FileFollowerOptions) {
    this.#options = options;
    this.#path = options.path;
    this.#predecessor = options.predecessor;
    this.#file = new HeldFile(options.identity);
    this.#generation = new Generation(options.kind, options.identity, options.handler);
    this.succession = new Succession(options.timing);
  }

  get identity(): FileIdentity {
    return this.#options.identity;
  }

  get path(): string {
    return this.#path;
  }

  get isOpen(): boolean {
    return this.#file.isOpen;
  }

  get fileId(): number | null {
    return this.#generation.fileId;
  }

  /** A scan found the file under this name, new or old. */
  foundAt(path: string): void {
    this.#path = path;
    this.succession.found();
  }

  /**
   * Reads on, for at most about `budgetBytes`.
   * @param nowMs any monotonic clock, milliseconds
   * @returns bytes that the handler accepted; 0 at the end of the file, in trouble, or while the predecessor is not drained
   */
  poll(budgetBytes: number, nowMs: number): number {
    try {
      if (!this.#file.isOpen) this.#open();
      const delivered = this.#readOn(budgetBytes, nowMs);
      this.#trouble = null;
      return delivered;
    } catch (error) {
      this.#trouble = troubleOf(error);
      this.#atEnd = false;
      return 0;
    }
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
    const unreachable = !this.#file.isOpen && this.succession.isDisplaced;
    if (!unreachable && !this.succession.isOver(nowMs, this.#atEnd)) return false;
    try {
      const file = this.#generation.followed(this.#path);
      if (file !== null) this.#options.handler.onEnd(file);
    } catch (error) {
      this.#trouble = troubleOf(error);
      return false;
    }
    this.close();
    return true;
  }

  /** Lets go of the descriptor without a word: the file is taken up again from its checkpoint. */
  close(): void {
    this.#closed = true;
    this.#predecessor = null;
    this.#file.close();
  }

  /**
   * The checkpoint that goes on at `safeOffset`, which must lie in the current generation and not beyond what was read.
   * Good inside the handler's calls (then the chunk counts as read) and between them.
   */
  checkpoint(safeOffset: number): FileCheckpoint {
    const marker = this.#markerAt(safeOffset);
    const head = this.#cursor.headWith(this.#region?.bytes.subarray(this.#cursor.markerBytes));
    return {
      ...this.identity,
      path: this.#path,
      generation: this.#generation.number,
      offset: safeOffset,
      headHash: hashBytes(head),
      headBytes: head.length,
      markerHash: hashBytes(marker),
      markerBytes: marker.length,
    };
  }

  status(gaps: number): FileStatus {
    const offset = this.#cursor.offset;
    return {
      kind: this.#options.kind,
      path: this.#path,
      fileId: this.fileId,
      state: this.#trouble?.state ?? (this.#atEnd ? 'following' : 'reading'),
      reason: this.#trouble?.reason ?? null,
      hint: this.#trouble?.hint ?? null,
      offset,
      sizeBytes: this.#sizeBytes,
      lagBytes: Math.max(0, this.#sizeBytes - offset),
      gaps,
      atEnd: this.#atEnd,
      endSeenAtMs: this.#endSeenAtMs,
    };
  }

  #open(): void {
    this.#file.open(this.#path);
    if (this.#restored) return;
    try {
      this.#restore();
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  #restore(): void {
    const { checkpoint, predecessorLost } = this.#options;
    const read = (position: number, length: number): Buffer => this.#file.read(Buffer.alloc(length), position);
    let gap: GapReason | null = predecessorLost ? 'replaced_while_stopped' : null;
    let number = 0;
    if (checkpoint !== null) {
      const { generation, offset, headBytes, markerBytes } = checkpoint;
      const answer = verifyCheckpoint(checkpoint, this.#file.stats().sizeBytes, read);
      if (answer === 'agrees') {
        const head = read(0, Math.min(HEAD_MAX_BYTES, Math.max(offset, headBytes)));
        this.#cursor.resume(offset, head, read(offset - markerBytes, markerBytes));
      } else {
        gap = answer;
      }
      number = answer === 'agrees' ? generation : generation + 1;
    }
    this.#restored = true;
    this.#generation.begin(number, this.#path, gap, null);
  }

  #readOn(budgetBytes: number, nowMs: number): number {
    // Taken before the look at the size: all that was written before this moment is then known to be read.
    const lookedAtMs = Date.now();
    const stats = this.#look();
    this.#generation.announce();
    if (this.#predecessor !== null && !this.#predecessor.isDrained(nowMs)) {
      this.#sizeBytes = stats.sizeBytes;
      return 0;
    }
    this.#predecessor = null;
    const delivered = this.#readTo(stats.sizeBytes, budgetBytes);
    if (!this.#generation.isAnnounced) {
      // The file became another one while it was read: its size is no longer the one that was looked up.
      this.#atEnd = false;
      this.#generation.announce();
      return delivered;
    }
    this.#sizeBytes = stats.sizeBytes;
    this.#atEnd = this.#cursor.offset >= stats.sizeBytes;
    if (this.#atEnd) this.#endSeenAtMs = lookedAtMs;
    this.succession.polled(nowMs, delivered > 0, this.#atEnd);
    return delivered;
  }

  #look(): HeldStats {
    const stats = this.#file.stats();
    this.succession.unlinked = stats.unlinked;
    if (stats.sizeBytes < this.#cursor.offset) this.#startGeneration('truncated');
    // A file may shrink and be refilled to the very same size: only the modification time tells.
    if (stats.sizeBytes === this.#cursor.offset && stats.mtimeNs !== this.#checkedMtimeNs) this.#verifyMarker();
    this.#checkedMtimeNs = stats.mtimeNs;
    return stats;
  }

  #readTo(sizeBytes: number, budgetBytes: number): number {
    let delivered = 0;
    while (delivered < budgetBytes && this.#cursor.offset < sizeBytes) {
      const bytes = this.#step(sizeBytes);
      if (bytes === 0) break;
      delivered += bytes;
    }
    return delivered;
  }

  #verifyMarker(): void {
    const { offset, markerBytes } = this.#cursor;
    const bytes = this.#file.read(Buffer.alloc(markerBytes), offset - markerBytes);
    if (!this.#cursor.follows(bytes)) this.#startGeneration('rewritten');
  }

  /** One read covers the marker and what follows it, so that a truncation cannot slip in between the check and the read. */
  #step(sizeBytes: number): number {
    const { markerBytes } = this.#cursor;
    const start = this.#cursor.offset - markerBytes;
    const region = this.#file.read(this.#options.buffer, start);
    if (!this.#cursor.follows(region.subarray(0, markerBytes))) {
      this.#startGeneration(region.length < markerBytes ? 'truncated' : 'rewritten');
      return 0;
    }
    this.#sizeBytes = sizeBytes;
    const bytes = region.subarray(markerBytes);
    if (bytes.length > 0) this.#deliver(start, region, bytes);
    return bytes.length;
  }

  #deliver(start: number, region: Buffer, bytes: Buffer): void {
    const file = this.#generation.followed(this.#path);
    if (file === null) throw new WhydError('internal.no_file_id', 'a chunk was read before its file had an id');
    const byteStart = this.#cursor.offset;
    this.#region = { start, bytes: region };
    try {
      const chunk = { fileId: file.fileId, byteStart, bytes, startsGeneration: byteStart === 0 };
      this.#options.handler.onChunk(chunk, file);
    } finally {
      this.#region = null;
    }
    this.#cursor.advance(bytes);
  }

  #startGeneration(reason: GapReason): void {
    const bytesLost = Math.max(0, this.#sizeBytes - this.#cursor.offset);
    this.#cursor.restart();
    this.#sizeBytes = 0;
    this.#generation.begin(this.#generation.number + 1, this.#path, reason, bytesLost);
  }

  #markerAt(offset: number): Buffer {
    const known = this.#cursor.markerAt(offset);
    if (known !== null) return known;
    const length = Math.min(MARKER_MAX_BYTES, offset);
    const position = offset - length;
    const region = this.#region;
    if (region !== null && position >= region.start && offset <= region.start + region.bytes.length) {
      return region.bytes.subarray(position - region.start, offset - region.start);
    }
    return this.#file.read(Buffer.alloc(length), position);
  }
}
