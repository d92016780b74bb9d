import type { Chunk, FileOpening, SourceKind, SourceState } from '../domain.ts';
import type { TailSource } from './discover.ts';

/** One generation of one file, known to the index as `fileId`. */
export interface FollowedFile extends FileOpening {
  readonly fileId: number;
  /** To which it belongs: the very object that was given. */
  readonly source: TailSource;
  /** The generation that was read to its end just before the first one of this file: its last line may go on here. */
  readonly continues?: number | null;
}

/**
 * - `truncated`: the file became shorter than what was read of it.
 * - `rewritten`: it is long enough, but the bytes before the offset (or its head) are others.
 * - `replaced_while_stopped`: the file that was followed at this path before the restart is nowhere to be found.
 * - `vacuumed`: the journal has dropped the entry that was read last, and whatever came after it until the oldest it still has.
 * - `suppressed`: journald threw messages away, by its rate limit.
 * - `killed_while_receiving`: whyd was killed while a sender was connected: what it had been given and not written yet is gone.
 */
export type GapReason =
  'truncated' | 'rewritten' | 'replaced_while_stopped' | 'vacuumed' | 'suppressed' | 'killed_while_receiving';

/** Bytes that were, or may have been, lost before they could be read. Reading goes on with the file that is opened after it. */
export interface TailGap {
  readonly reason: GapReason;
  /** Bytes that were seen to exist and never read: 0 when all that was seen was read; null when nobody can know. */
  readonly bytesLost: number | null;
}

/**
 * What the composition root does with a tailer's findings. All are synchronous: when one returns, its effect must be durable, and the
 * tailer advances only then. When one throws, the tailer holds its position, shows the file as failing, and calls it again later.
 */
export interface TailHandler {
  /**
   * Gives the id of a file's generation; the same opening gives the same id, in every run. The gap before it, if any, must become durable
   * with the opening: a generation that is known already is never announced with its gap again.
   * @param openedAtMs when the generation was first seen, wall clock; to be kept from the first opening on
   */
  openFile(opening: FileOpening, gap: TailGap | null, openedAtMs: number | null): number;
  /** `chunk.bytes` is a view of a reused buffer: it is valid only until this returns. */
  onChunk(chunk: Chunk, file: FollowedFile): void;
  /** No more bytes will come under this id: whatever its parser holds is whole. */
  onEnd(file: FollowedFile): void;
}

/** Health of one followed file, or of a path or glob at which there is none. */
export interface FileStatus {
  readonly kind: SourceKind;
  readonly path: string;
  /** Null while there is no file or it could not be opened yet. */
  readonly fileId: number | null;
  readonly state: SourceState;
  readonly reason: string | null;
  readonly hint: string | null;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly lagBytes: number;
  /** Gaps at this path since the start, without those where nothing was seen to be lost. */
  readonly gaps: number;
  /** All that the file held when it was last looked at has been read. */
  readonly atEnd: boolean;
  /** Wall clock, milliseconds since the epoch, at which the end was last seen; null before the first time. */
  readonly endSeenAtMs: number | null;
}
