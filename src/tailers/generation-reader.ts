import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import type { FoundFile } from './discover.ts';
import { readProof, verifyCheckpoint } from './file-checkpoint.ts';
import type { CheckpointAnswer } from './file-checkpoint.ts';
import { heldKey } from './file-identity.ts';
import { MARKER_MAX_BYTES, hashBytes } from './fingerprint.ts';
import { HeldFile } from './held-file.ts';
import type { HeldStats } from './held-file.ts';
import { ReadCursor } from './read-cursor.ts';
import { bytesAt, countLineEnds, holds } from './read-region.ts';
import type { ReadRegion } from './read-region.ts';
import { findCopy, findUnreadCopy, isStillIn } from './truncated-copy.ts';
import type { CopySearch, OpenCopy } from './truncated-copy.ts';

/** How a file shows that its content is another one than before. */
export type Rewriting = 'truncated' | 'rewritten';

/** Which generation is read, and the path at which its file was seen last. */
export interface ReadingPlace {
  readonly path: string;
  readonly generation: number;
}

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
  /** The marker of the last checkpoint: the safe offset often stays where it is for long. */
  #safe: { readonly offset: number; readonly marker: Buffer } | null = null;
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

  /** When the generation was first seen, or its copy was taken: wall clock. Older copies are of older generations. */
  get openedAtMs(): number | null {
    return this.#openedAtMs;
  }

  /** Stands before the first byte of a generation that is new. */
  begin(openedAtMs: number): void {
    this.#cursor.restart();
    this.#safe = null;
    this.#openedAtMs = openedAtMs;
  }

  /**
   * Stands where a checkpoint was taken, if what is read still is what it was then.
   * @param openedAtMs when its generation was first seen, wall clock
   */
  takeUp(checkpoint: FileCheckpoint, openedAtMs: number | null): CheckpointAnswer {
    const source = this.#source;
    const proof = readProof(checkpoint, (position, length) => source.read(Buffer.alloc(length), position));
    const answer = verifyCheckpoint(checkpoint, source.stats().sizeBytes, proof);
    if (answer !== 'agrees') return answer;
    this.#cursor.resume(checkpoint.offset, proof.head, proof.marker);
    this.#openedAtMs = openedAtMs;
    return answer;
  }

  /** Takes a checkpoint up in a copy of its generation. False when there is none. */
  turnToCopy(path: string, checkpoint: FileCheckpoint, openedAtMs: number | null): boolean {
    this.#copy = findCopy(path, checkpoint, { ...this.#search, openedAtMs, after: this.#lastCopy });
    return this.#copy !== null && this.takeUp(checkpoint, openedAtMs) === 'agrees';
  }

  /** The same for the point that is reached now. */
  turnToCopyHere(place: ReadingPlace): boolean {
    const marker = this.#cursor.markerAt(this.offset);
    const checkpoint = marker === null ? null : this.#checkpoint(this.offset, marker, place);
    return checkpoint !== null && this.turnToCopy(place.path, checkpoint, this.#openedAtMs);
  }

  /** Ends the reading of a copy, and stands before the first byte of what came next: in the file, or in a later copy of it. */
  leaveCopy(): void {
    if (this.#copy === null) return;
    this.#lastCopy = this.#copy.found;
    this.#copy.file.close();
    this.#copy = null;
    // Whatever was copied later is of a later generation.
    this.begin(this.#lastCopy.bornMs);
    this.#checkedMtimeNs = null;
  }

  /** Whether the file's size, or its bytes before the offset, say that its content is another one now. */
  rewritingSeen(stats: HeldStats, place: ReadingPlace): Rewriting | null {
    const moved = stats.mtimeNs !== this.#checkedMtimeNs;
    this.#checkedMtimeNs = stats.mtimeNs;
    if (stats.sizeBytes < this.offset) return 'truncated';
    if (!moved) return null;
    // Nothing to read, and so nothing that could tell.
    if (stats.sizeBytes === 0) return this.#turnToUnreadCopy(place) ? 'truncated' : null;
    // A file may shrink and be refilled to the very same size: only the modification time tells.
    if (stats.sizeBytes > this.offset) return null;
    return this.#isUnchanged() ? null : 'rewritten';
  }

  /** Whether a look at the file (not at its copy) that gave these shows it read to its end and untouched since it was checked. */
  isAsChecked({ sizeBytes, mtimeNs }: Pick<HeldStats, 'sizeBytes' | 'mtimeNs'>): boolean {
    return this.#copy === null && mtimeNs === this.#checkedMtimeNs && sizeBytes === this.offset;
  }

  /**
   * The bytes at the offset, none at the end; or how the file shows that it has become another one. One read covers the marker and what
   * follows it, so that a truncation cannot slip in between the check and the read. Call handled() once they are taken.
   */
  read(buffer: Buffer, place: ReadingPlace): Buffer | Rewriting {
    const { markerBytes } = this.#cursor;
    const start = this.offset - markerBytes;
    const bytes = this.#source.read(buffer, start);
    if (!this.#cursor.follows(bytes.subarray(0, markerBytes)))
      return bytes.length < markerBytes ? 'truncated' : 'rewritten';
    if (this.offset === 0 && this.#turnToUnreadCopy(place)) return 'truncated';
    this.#region = { start, bytes };
    return bytes.subarray(markerBytes);
  }

  /** The handler has taken these bytes over, or has refused them: then they are read again. */
  handled(bytes: Buffer, wereAccepted: boolean): void {
    this.#region = null;
    if (wereAccepted) this.#cursor.advance(bytes);
  }

  /** See FileFollower.checkpoint. */
  checkpointAt(safeOffset: number, place: ReadingPlace): FileCheckpoint | null {
    const marker = this.#markerAt(safeOffset);
    return marker === null ? null : this.#checkpoint(safeOffset, marker, place);
  }

  /** See FileFollower.countLines. By the descriptor, because the name may be another file's by now. */
  countLines(from: number, to: number): number | null {
    const count = countLineEnds(this.#source, this.#region, from, to);
    return holds(this.#region, from, to) || this.#isUnchanged() ? count : null;
  }

  /**
   * Where nothing was read yet there is no marker: between two looks the file may have been filled, copied and truncated, and more than once. The
   * copy is looked for after the file was read, so that it can't come in between. False when what was read comes first.
   */
  #turnToUnreadCopy({ path, generation }: ReadingPlace): boolean {
    if (this.#copy !== null) return false;
    const search = { ...this.#search, openedAtMs: this.#openedAtMs, after: this.#lastCopy };
    const copy = findUnreadCopy(path, { ...this.#identity, generation }, search);
    if (copy === null || isStillIn(copy.file, this.#file)) {
      copy?.file.close();
      return false;
    }
    this.#copy = copy;
    return true;
  }

  get #source(): HeldFile {
    return this.#copy?.file ?? this.#file;
  }

  #checkpoint(offset: number, marker: Buffer, { path, generation }: ReadingPlace): FileCheckpoint {
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

  /** Null when those bytes are gone. */
  #markerAt(safeOffset: number): Buffer | null {
    const known = this.#cursor.markerAt(safeOffset);
    if (known !== null) return known;
    if (this.#safe?.offset === safeOffset) return this.#safe.marker;
    const from = Math.max(0, safeOffset - MARKER_MAX_BYTES);
    const marker = Buffer.from(bytesAt(this.#source, this.#region, from, safeOffset - from));
    if (!holds(this.#region, from, safeOffset) && !this.#isUnchanged()) return null;
    this.#safe = { offset: safeOffset, marker };
    return marker;
  }

  /** Whether the bytes before the offset are those that were read: to be asked after a look further back, which may have met other content already. */
  #isUnchanged(): boolean {
    const { markerBytes } = this.#cursor;
    return this.#cursor.follows(this.#source.read(Buffer.alloc(markerBytes), this.offset - markerBytes));
  }
}
