import { dirname } from 'node:path';
import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import type { Archives } from './archives.ts';
import type { CheckpointLookup } from './file-checkpoint.ts';
import type { FileFollower } from './file-follower.ts';
import { heldKey } from './file-identity.ts';
import type { FoundFile } from './discover.ts';
import type { FolderListing } from './folder-listing.ts';
import { filesIn, rotationChain } from './rotation-chain.ts';
import { isCopy } from './truncated-copy.ts';
import { hasMore, sameFile, unreadRotations } from './unread-rotations.ts';

/** One scan's view, kept together for the time of a reconciliation. */
export interface Scan {
  readonly nowMs: number;
  /** When it began, wall clock. */
  readonly scannedAtMs: number;
  readonly listing: FolderListing;
  readonly found: ReadonlyMap<string, FoundFile>;
  /** Who was followed at which path before this scan. */
  readonly before: ReadonlyMap<string, FileFollower>;
}

export interface NewcomersOptions {
  readonly checkpoints: CheckpointLookup;
  readonly archives: Archives;
  /** Files that nobody wrote to since this moment (wall clock) are left alone, unless they were followed before; null: all are read. */
  readonly sinceMs: number | null;
  /** No run before has read all that there was: what was rotated away since that moment is read too. */
  readonly readsHistory: boolean;
  /** What was made since then no earlier run can have seen, wall clock. */
  readonly unseenSinceMs: number;
  /** By their held keys. */
  readonly followers: ReadonlyMap<string, FileFollower>;
  readonly follow: (newcomer: Newcomer, scan: Scan) => FileFollower;
}

/** A file that is to be followed from now on, and what is known of it. */
export interface Newcomer {
  readonly file: FoundFile;
  readonly checkpoint: FileCheckpoint | null;
  /** Read to its end before this one is begun. */
  readonly predecessor: FileFollower | null;
  /** The file that was followed at this path before a restart is gone. */
  readonly predecessorLost: boolean;
}

/** Device numbers may change over a reboot (LVM, network mounts): then inode and birth time speak for a file at its old path. */
function sameBirth(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.birthtimeNs === b.birthtimeNs;
}

/** Decides what becomes of a file that is not followed yet: where its reading begins, and what is to be read before it. */
export class Newcomers {
  readonly #options: NewcomersOptions;
  readonly #knownPaths = new Set<string>();

  constructor(options: NewcomersOptions) {
    this.#options = options;
  }

  /** Nobody wrote to it for too long, and it was never followed. */
  isTooOld(file: FoundFile): boolean {
    const { sinceMs, checkpoints } = this.#options;
    if (sinceMs === null || file.modifiedMs >= sinceMs) return false;
    return checkpoints.byIdentity(file.identity) === null && checkpoints.byPath(file.path) === null;
  }

  /** It is read in the place of the file that it was copied from. */
  isCopy(file: FoundFile): boolean {
    const { checkpoints } = this.#options;
    if (checkpoints.byIdentity(file.identity) !== null) return false;
    return this.#isReadAsCopy(file) || isCopy(file, (original) => checkpoints.generations(original.identity));
  }

  takeOn(file: FoundFile, scan: Scan): void {
    const { checkpoints } = this.#options;
    const prior = this.#knownPaths.has(file.path) ? null : checkpoints.byPath(file.path);
    const moved = prior !== null && sameBirth(prior, file.identity) ? prior : null;
    const checkpoint = checkpoints.byIdentity(file.identity) ?? moved;
    const archives = this.#options.archives.takeBefore(file.path);
    const isArchived = prior !== null && archives.some(({ identity }) => sameFile(identity, prior));
    const lost = prior !== null && checkpoint === null && !isArchived && !this.#recover(prior, file, scan);
    let predecessor = scan.before.get(file.path) ?? null;
    for (const archive of archives) predecessor = this.followRotated(archive, predecessor, scan);
    for (const rotated of this.#unreadRotations(file, checkpoint !== null, scan)) {
      const held = this.#options.followers.get(heldKey(rotated.identity));
      predecessor = held ?? this.followRotated(rotated, predecessor, scan);
    }
    this.#options.follow({ file, checkpoint, predecessor, predecessorLost: lost }, scan);
    this.#knownPaths.add(file.path);
  }

  /** Looks for the file that was followed at a path before the restart. False when it is gone, with whatever of it was not read. */
  #recover(prior: FileCheckpoint, file: FoundFile, scan: Scan): boolean {
    const elsewhere = [...scan.found.values()].some((one) => sameFile(one.identity, prior));
    if (elsewhere || this.#options.followers.has(heldKey(prior))) return true;
    const moved = filesIn(file.source, dirname(scan.listing.realPath(file.path)), scan.listing).find((one) =>
      sameFile(one.identity, prior),
    );
    if (moved === undefined) return false;
    const inChain = rotationChain(file.source, file.path, scan.listing).some((one) => one.path === moved.path);
    if (!inChain && hasMore(moved, prior)) this.followRotated(moved, null, scan);
    return true;
  }

  #unreadRotations(file: FoundFile, isKnown: boolean, scan: Scan): readonly FoundFile[] {
    const { checkpoints, readsHistory, sinceMs, unseenSinceMs } = this.#options;
    return unreadRotations(file, {
      checkpoints,
      isKnown,
      before: scan.before.get(file.path)?.identity ?? checkpoints.byPath(file.path),
      listing: scan.listing,
      isFound: (one) => scan.found.has(heldKey(one.identity)),
      isHeld: (one) => this.#options.followers.has(heldKey(one.identity)),
      isReadAsCopy: (one) => this.#isReadAsCopy(one),
      historySinceMs: readsHistory ? (sinceMs ?? 0) : null,
      unseenSinceMs,
    });
  }

  #isReadAsCopy({ identity }: FoundFile): boolean {
    return [...this.#options.followers.values()].some((follower) => follower.readsCopy(identity));
  }

  /** A file that has lost its name already. */
  followRotated(file: FoundFile, predecessor: FileFollower | null, scan: Scan): FileFollower {
    const checkpoint = this.#options.checkpoints.byIdentity(file.identity);
    const follower = this.#options.follow({ file, checkpoint, predecessor, predecessorLost: false }, scan);
    follower.succession.displace(scan.nowMs, true);
    return follower;
  }
}
