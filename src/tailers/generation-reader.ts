import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import type { FoundFile } from './discover.ts';
import { verifyCheckpoint } from './file-checkpoint.ts';
import type { CheckpointAnswer } from './file-checkpoint.ts';
import { heldKey } from './file-identity.ts';
import { MARKER_MAX_BYTES, hashBytes } from './fingerprint.ts';
import { HeldFile } from './held-file.ts';
import type { HeldStats } from './held-file.ts';
import { ReadCursor } from './read-cursor.ts';
import { bytesAt, countLineEnds, headAt } from './read-region.ts';
import type { ReadRegion } from './read-region.ts';
import { findCopy, findNextCopy } from './truncated-copy.ts';
import type { CopySearch, OpenCopy } from './truncated-copy.ts';

/** How a file shows that its content is another one than before. */
export type Rewriting = 'truncated' | 'rewritten';

const NEVER_NS = -1n;

/** Reads one generation of a file on, from the file itself or from the copy that was taken of it, and can prove how far it came. */
export class GenerationReader {
  readonly #search: Omit<CopySearch, 'openedAtMs' | 'after'>;
  readonly #identity: FileIdentity;
  readonly #file: HeldFile;
  readonly #cursor = new ReadCursor();
  /** The rest of the generation, where a rotator put it before it truncated the file. */
  #copy: OpenCopy | null = null;
  #lastCopy: FoundFile | null = null;
  /** What the handler is looking at, marker included. */
  #region: ReadRegion | null = null;
  #openedAtMs: number | null = null;
  #checkedMtimeNs: bigint | null = null;

  constructor(identity: FileIdentity, search: Omit<CopySearch, 'openedAtMs' | 'after'>) {
    this.#search = search;
    this.#identity = identity;
    this.#file = new HeldFile(identity);
  }

  get isOpen(): boolean {
    return this.#file.isOpen;
  }

  get offset(): number {
    return this.#cursor.offset;
  }

  /** The generation has been truncated away and is read from a copy. */
  readsFromCopy(): boolean {
    return this.#copy !== null;
  }

  /** Whether a file is the copy that is being read, or was read last. */
  readsCopy(identity: FileIdentity): boolean {
    const key = heldKey(identity);
    return [this.#copy?.found, this.#lastCopy].some((one) => one != null && heldKey(one.identity) === key);
  }

  /** @throws any error of open(2) */
  open(path: string): void {
    this.#file.open(path);
  }

  close(): void {
    this.#copy?.file.close();
    this.#copy = null;
    this.#file.close();
  }

  /** Of the file itself, whatever is being read. */
  stats(): HeldStats {
    return this.#file.stats();
  }

  /** Bytes there are of this generation. */
  sizeBytes(): number {
    return this.#source.stats().sizeBytes;
  }

  verify(checkpoint: FileCheckpoint): CheckpointAnswer {
    const read = (position: number, length: number): Buffer => this.#file.read(Buffer.alloc(length), position);
    return verifyCheckpoint(checkpoint, this.#file.stats().sizeBytes, read);
  }

  /** When the generation was first seen, or its copy was taken: wall clock. Older copies are of older generations. */
  get openedAtMs(): number | null {
    return this.#openedAtMs;
  }

  /** Stands before the first byte of a generation that is new. */
  begin(openedAtMs: number): void {
    this.#cursor.restart();
    this.#openedAtMs = openedAtMs;
  }

  /**
   * Stands where a checkpoint was taken.
   * @param openedAtMs when its generation was first seen, wall clock
   */
  resume({ offset, headBytes, markerBytes }: FileCheckpoint, openedAtMs: number | null): void {
    const source = this.#source;
    const head = headAt(source, Math.max(offset, headBytes));
    this.#cursor.resume(offset, head, source.read(Buffer.alloc(markerBytes), offset - markerBytes));
    this.#openedAtMs = openedAtMs;
  }

  /** Goes on in a copy of the generation. False when there is none. */
  turnToCopy(path: string, checkpoint: FileCheckpoint, openedAtMs: number | null): boolean {
    this.#copy = findCopy(path, checkpoint, { ...this.#search, openedAtMs, after: this.#lastCopy });
    return this.#copy !== null;
  }

  /** The same for the place that is reached now. */
  turnToCopyHere(path: string): boolean {
    const marker = this.#cursor.markerAt(this.offset);
    return marker !== null && this.turnToCopy(path, this.#checkpoint(this.offset, marker, path, 0), this.#openedAtMs);
  }

  /** Ends the reading of a copy, and stands before the first byte of what came next: a later copy, or else the file itself. */
  leaveCopy(path: string): void {
    // Before the folder is looked through: a copy that is taken meanwhile is then known to be of the new generation.
    const nowMs = Date.now();
    const copy = this.#copy;
    if (copy === null) return;
    this.#lastCopy = copy.found;
    const next = findNextCopy(path, copy.found, this.#identity, { ...this.#search, openedAtMs: null, after: null });
    this.#copy = next;
    copy.file.close();
    this.begin(next?.found.bornMs ?? nowMs);
    // What happened to the file meanwhile was not watched.
    this.#checkedMtimeNs = NEVER_NS;
  }

  /** Whether the file's size, or its bytes before the offset, say that its content is another one now. */
  rewritingSeen(stats: HeldStats, path: string): Rewriting | null {
    const moved = stats.mtimeNs !== this.#checkedMtimeNs;
    const wasChecked = this.#checkedMtimeNs !== null;
    this.#checkedMtimeNs = stats.mtimeNs;
    if (stats.sizeBytes < this.offset) return 'truncated';
    if (!moved) return null;
    // Nothing was read that could tell: between two looks the file may have been filled, copied and truncated.
    if (this.offset === 0) return wasChecked && this.turnToCopyHere(path) ? 'truncated' : null;
    // A file may shrink and be refilled to the very same size: only the modification time tells.
    if (stats.sizeBytes > this.offset) return null;
    const { markerBytes } = this.#cursor;
    const bytes = this.#file.read(Buffer.alloc(markerBytes), this.offset - markerBytes);
    return this.#cursor.follows(bytes) ? null : 'rewritten';
  }

  /** Whether a look at the file (not at its copy) that gave these shows it read to its end and untouched since it was checked. */
  isAsChecked({ sizeBytes, mtimeNs }: Pick<HeldStats, 'sizeBytes' | 'mtimeNs'>): boolean {
    return this.#copy === null && mtimeNs === this.#checkedMtimeNs && sizeBytes === this.offset;
  }

  /**
   * The bytes at the offset, none at the end; or how the file shows that it has become another one. One read covers the marker and what
   * follows it, so that a truncation cannot slip in between the check and the read. Call accepted() once they are taken.
   */
  read(buffer: Buffer): Buffer | Rewriting {
    const { markerBytes } = this.#cursor;
    const start = this.offset - markerBytes;
    const bytes = this.#source.read(buffer, start);
    if (!this.#cursor.follows(bytes.subarray(0, markerBytes)))
      return bytes.length < markerBytes ? 'truncated' : 'rewritten';
    this.#region = { start, bytes };
    return bytes.subarray(markerBytes);
  }

  /** The handler has taken these bytes over, or has refused them: then they are read again. */
  handled(bytes: Buffer, wereAccepted: boolean): void {
    this.#region = null;
    if (wereAccepted) this.#cursor.advance(bytes);
  }

  /** See FileFollower.checkpoint. */
  checkpointAt(safeOffset: number, path: string, generation: number): FileCheckpoint {
    return this.#checkpoint(safeOffset, this.#markerAt(safeOffset), path, generation);
  }

  /** Line ends in [from, to), which must have been read; by the descriptor, because the name may be another file's by now. */
  countLines(from: number, to: number): number {
    return countLineEnds(this.#source, this.#region, from, to);
  }

  get #source(): HeldFile {
    return this.#copy?.file ?? this.#file;
  }

  #checkpoint(offset: number, marker: Buffer, path: string, generation: number): FileCheckpoint {
    const head = this.#cursor.headWith(this.#region?.bytes.subarray(this.#cursor.markerBytes));
    return {
      ...this.#identity,
      path,
      generation,
      offset,
      headHash: hashBytes(head),
      headBytes: head.length,
      markerHash: hashBytes(marker),
      markerBytes: marker.length,
    };
  }

  #markerAt(offset: number): Buffer {
    const known = this.#cursor.markerAt(offset);
    if (known !== null) return known;
    const length = Math.min(MARKER_MAX_BYTES, offset);
    return bytesAt(this.#source, this.#region, offset - length, length);
  }
}
