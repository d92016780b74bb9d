import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import type { FoundFile } from './discover.ts';
import type { CheckpointLookup } from './file-checkpoint.ts';
import { heldKey } from './file-identity.ts';
import { rotationChain } from './rotation-chain.ts';
import type { FolderListing } from './folder-listing.ts';
import { CLOCK_TICK_MS, agrees } from './truncated-copy.ts';

/** What the roster knows when it takes on a file whose predecessors it looks for. */
export interface RotationQuestion {
  readonly checkpoints: CheckpointLookup;
  /** The file itself was followed before. */
  readonly isKnown: boolean;
  /** What was followed at its path before. */
  readonly before: FileIdentity | null;
  readonly listing: FolderListing;
  /** The scan found it under a name that is followed anyway. */
  readonly isFound: (file: FoundFile) => boolean;
  readonly isHeld: (file: FoundFile) => boolean;
  /** It is read in the place of the file that it was copied from. */
  readonly isReadAsCopy: (file: FoundFile) => boolean;
  /** In the first run: files that were written to since this moment are wanted too, wall clock. */
  readonly historySinceMs: number | null;
  /** What was made since then nobody can have seen before, wall clock. */
  readonly unseenSinceMs: number;
}

export function sameFile(a: FileIdentity, b: FileIdentity): boolean {
  return heldKey(a) === heldKey(b) && a.birthtimeNs === b.birthtimeNs;
}

/** A file of which nothing was read, or whose content is another one now, may have been copied and truncated: its copy has the rest. */
export function hasMore(file: FoundFile, checkpoint: FileCheckpoint): boolean {
  return file.sizeBytes !== checkpoint.offset || checkpoint.headBytes === 0 || !agrees(file, checkpoint);
}

/**
 * Files that were rotated away from a path and not read to their end, earliest first: known ones with more in them, and unknown ones that were
 * rotated after the newest known one. Without any known one only what was made since the path is followed is ours to read (at a path that is new,
 * since whyd was seen last), and in the first run what was rotated of late.
 */
export function unreadRotations(file: FoundFile, question: RotationQuestion): readonly FoundFile[] {
  const { checkpoints, before, isFound, isHeld, isReadAsCopy, historySinceMs, unseenSinceMs } = question;
  const rotations = rotationChain(file.source, file.path, question.listing);
  // Rotated itself since the scan, it has successors there; they are for the next scan.
  const own = rotations.findIndex(({ identity }) => sameFile(identity, file.identity));
  const chain = (own < 0 ? rotations : rotations.slice(0, own)).map((rotated) => ({
    rotated,
    checkpoint: checkpoints.byIdentity(rotated.identity),
  }));
  const generations = before === null ? [] : checkpoints.generations(before);
  const oldest = generations.at(-1);
  const followedSinceMs = (oldest === undefined ? unseenSinceMs : checkpoints.openedAtMs(oldest)) ?? Infinity;
  const read = isIntact(chain, before) ? [] : generations.filter(({ headBytes }) => headBytes > 0);
  const newestKnown = question.isKnown
    ? chain.length
    : chain.findLastIndex(({ rotated, checkpoint }) => isHeld(rotated) || checkpoint !== null);

  const isLater = ({ bornMs, modifiedMs }: FoundFile, index: number): boolean => {
    if (newestKnown >= 0) return index > newestKnown;
    const isHistory = historySinceMs !== null && before === null && modifiedMs >= historySinceMs;
    return isHistory || bornMs >= followedSinceMs - CLOCK_TICK_MS;
  };
  return chain
    .filter(({ rotated, checkpoint }, index) => {
      if (isFound(rotated)) return false;
      if (isHeld(rotated)) return true;
      if (checkpoint !== null) return hasMore(rotated, checkpoint);
      if (!isLater(rotated, index) || isReadAsCopy(rotated)) return false;
      // A file that holds what was read at this path before is a copy of that, and no further file.
      return !read.some((known) => agrees(rotated, known));
    })
    .map(({ rotated }) => rotated);
}

interface Rotated {
  readonly rotated: FoundFile;
  readonly checkpoint: FileCheckpoint | null;
}

/** Only what was truncated or deleted has copies that count; a file that is intact may begin with the same words as its successors. */
function isIntact(chain: readonly Rotated[], before: FileIdentity | null): boolean {
  return chain.some(
    ({ rotated, checkpoint }) =>
      checkpoint !== null && before !== null && sameFile(rotated.identity, before) && agrees(rotated, checkpoint),
  );
}
