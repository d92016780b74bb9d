import { hashBytes } from './fingerprint.ts';
import type { FileIdentity } from './file-identity.ts';

/**
 * Where to go on with a file after a restart, and the proof that it is still the same file. `offset` is the safe offset: the start of the
 * oldest record that was not whole, so that no parser state needs to be stored.
 */
export interface FileCheckpoint extends FileIdentity {
  readonly path: string;
  /** How many times this file was truncated or rewritten in place while it was followed. */
  readonly generation: number;
  readonly offset: number;
  /** fileFingerprint: hash of the first `headBytes` (at most 1 KiB). */
  readonly headHash: string;
  readonly headBytes: number;
  /** Hash of the `markerBytes` (at most 256) just before `offset`. */
  readonly markerHash: string;
  readonly markerBytes: number;
}

/** What is known of earlier runs. Implemented over the index by the composition root. */
export interface CheckpointLookup {
  /** The newest generation stored for a physical file, or null. */
  byIdentity(identity: FileIdentity): FileCheckpoint | null;
  /** The newest checkpoint whose file was last seen at `path` and has not ended, or null. */
  byPath(path: string): FileCheckpoint | null;
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
