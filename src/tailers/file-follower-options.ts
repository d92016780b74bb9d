import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import type { TailSource } from './discover.ts';
import type { SuccessionTiming } from './succession.ts';
import type { TailHandler } from './tail-handler.ts';
import type { CopySearch } from './truncated-copy.ts';

/** The follower of the file that had this name before. */
interface Predecessor {
  readonly fileId: number | null;
  isDrained(nowMs: number): boolean;
}

export interface FileFollowerOptions {
  readonly source: TailSource;
  readonly path: string;
  readonly identity: FileIdentity;
  readonly checkpoint: FileCheckpoint | null;
  /** When the checkpoint's generation was opened first, or the scan that found the file began, wall clock; null when nobody knows. */
  readonly openedAtMs: number | null;
  /** The file that was followed at this path before the restart is gone. */
  readonly predecessorLost: boolean;
  /** Is drained before the first byte of this file is read. */
  readonly predecessor: Predecessor | null;
  readonly isKnown: CopySearch['isKnown'];
  readonly generations: CopySearch['generations'];
  readonly handler: TailHandler;
  /** Shared by all followers: reads are synchronous and a chunk is valid only inside the handler's call. */
  readonly buffer: Buffer;
  readonly timing: SuccessionTiming;
}
