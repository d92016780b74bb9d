import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import { hashBytes } from './fingerprint.ts';

/** What is known of earlier runs. Implemented over the index by the composition root. */
export interface CheckpointLookup {
  /** The newest generation stored for a physical file, or null. */
  byIdentity(identity: FileIdentity): FileCheckpoint | null;
  /** The newest checkpoint whose file was last seen at `path` and has not ended, or null. */
  byPath(path: string): FileCheckpoint | null;
  /** All generations stored for a physical file, newest first. */
  generations(identity: FileIdentity): readonly FileCheckpoint[];
  /** Of the files of a folder, newest first; some hundreds at most. */
  inFolder(folder: string): readonly FileCheckpoint[];
  /** When a generation was opened first, wall clock in milliseconds; null when nobody knows. */
  openedAtMs(checkpoint: FileCheckpoint): number | null;
}

export type CheckpointAnswer = 'agrees' | 'truncated' | 'rewritten';

/**
 * Compares a checkpoint with the file as it is now.
 * @param read returns up to `length` bytes at `position`; fewer at the end of the file
 */
export function verifyCheckpoint(
  checkpoint: FileCheckpoint,
  sizeBytes: number,
  read: (position: number, length: number) => Buffer,
): CheckpointAnswer {
  if (sizeBytes < checkpoint.offset) return 'truncated';
  const { offset, headHash, headBytes, markerHash, markerBytes } = checkpoint;
  // Nothing read yet: there is nothing to compare, and the stored hashes may be empty.
  if (headBytes > 0 && hashBytes(read(0, headBytes)) !== headHash) return 'rewritten';
  if (markerBytes > 0 && hashBytes(read(offset - markerBytes, markerBytes)) !== markerHash) return 'rewritten';
  return 'agrees';
}
