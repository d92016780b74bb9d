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

/** The bytes of a file that are compared with what a checkpoint remembers. */
export interface Proof {
  readonly head: Buffer;
  /** Ends at the offset. */
  readonly marker: Buffer;
}

/** @param read returns up to `length` bytes at `position`; fewer at the end of the file */
export function readProof(
  { offset, headBytes, markerBytes }: FileCheckpoint,
  read: (position: number, length: number) => Buffer,
): Proof {
  return { head: read(0, headBytes), marker: read(offset - markerBytes, markerBytes) };
}

/** Compares a checkpoint with the file as it was when the proof was read. */
export function verifyCheckpoint(
  { offset, headHash, headBytes, markerHash, markerBytes }: FileCheckpoint,
  sizeBytes: number,
  { head, marker }: Proof,
): CheckpointAnswer {
  if (sizeBytes < offset) return 'truncated';
  // Nothing read yet: there is nothing to compare, and the stored hashes may be empty.
  if (headBytes > 0 && hashBytes(head) !== headHash) return 'rewritten';
  if (markerBytes > 0 && hashBytes(marker) !== markerHash) return 'rewritten';
  return 'agrees';
}
