import { dirname } from 'node:path';
import type { FileCheckpoint, FileIdentity, FileOpening } from '../domain.ts';
import { Archives } from './archives.ts';
import type { CheckpointLookup } from './file-checkpoint.ts';
import { FileFollower } from './file-follower.ts';
import { fullKey, heldKey } from './file-identity.ts';
import { MARKER_MAX_BYTES } from './fingerprint.ts';
import { discover } from './discover.ts';
import type { Discovery, FoundFile, TailSource, VacantPath } from './discover.ts';
import { troubleOf } from './io-trouble.ts';
import { FolderListing } from './folder-listing.ts';
import { filesIn, rotationChain } from './rotation-chain.ts';
import type { SuccessionTiming } from './succession.ts';
import type { FileStatus, TailGap, TailHandler } from './tail-handler.ts';
import { isCopy } from './truncated-copy.ts';
import { unpackedPlace } from './unpacked-files.ts';
import { hasMore, sameFile, unreadRotations } from './unread-rotations.ts';

const READ_BYTES = 256 * 1024;

export interface FileRosterOptions {
  readonly sources: readonly TailSource[];
  readonly handler: TailHandler;
  readonly checkpoints: CheckpointLookup;
  readonly timing: SuccessionTiming;
  /** How much one file may deliver before the next one has its turn. */
  readonly turnBudgetBytes: number;
  /** Files that nobody wrote to since this moment (wall clock) are left alone, unless they were followed before; null: all are read. */
  readonly sinceMs: number | null;
  /** This is the first run: what was rotated away since that moment is read too. */
  readonly readsHistory: boolean;
  /** What was made since then no earlier run can have seen, wall clock. */
  readonly unseenSinceMs: number;
  /** What was lost before the first byte of a file, where the file itself cannot tell (a spool); null: nothing. */
  /** Where archives are unpacked to. */
  readonly unpackFolder: string;
  readonly gapBefore?: (opening: FileOpening) => TailGap | null;
}

/** One scan's view, kept together for the time of a reconciliation. */
interface Scan {
  readonly nowMs: number;
  readonly listing: FolderListing;
  readonly found: ReadonlyMap<string, FoundFile>;
  /** Who was followed at which path before this scan. */
  readonly before: ReadonlyMap<string, FileFollower>;
}

/** Device numbers may change over a reboot (LVM, network mounts): then inode and birth time speak for a file at its old path. */
function sameBirth(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.birthtimeNs === b.birthtimeNs;
}

/** Knows which files are followed, keeps that in step with what the scans find, and gives each file its turn. */
export class FileRoster {
  readonly #options: FileRosterOptions;
  readonly #handler: TailHandler;
  readonly #archives: Archives;
  readonly #followers = new Map<string, FileFollower>();
  readonly #gapsAt = new Map<string, number>();
  readonly #knownPaths = new Set<string>();
  readonly #buffer = Buffer.allocUnsafe(MARKER_MAX_BYTES + READ_BYTES);
  /** What the last scan found, by path. */
  #found: ReadonlyMap<string, string> = new Map();
  #vacant: readonly VacantPath[] = [];
  #oldFiles = 0;

  constructor(options: FileRosterOptions) {
    this.#options = options;
    this.#handler = this.#countingGaps(options.handler);
    this.#archives = new Archives({ ...options, folder: options.unpackFolder });
  }

  get oldFiles(): number {
    return this.#oldFiles;
  }

  /** Paths at which there is a file at present. */
  get paths(): readonly string[] {
    return [...this.#followers.values()].map((follower) => follower.path);
  }

  /** Looks for files anew. The scan is the truth about what there is to follow. @returns whether it found other files than the last one */
  async rescan(nowMs: number): Promise<boolean> {
    const { sources } = this.#options;
    try {
      const discovery = await discover(sources);
      await this.#archives.look(discovery);
      const before = this.#found;
      this.#found = new Map(discovery.found.map(({ path, identity }) => [path, heldKey(identity)]));
      this.#reconcile(discovery, nowMs);
      return before.size !== this.#found.size || [...this.#found].some(([path, key]) => before.get(path) !== key);
    } catch (error) {
      // What is followed stays followed: a scan that failed says nothing about the files.
      const trouble = troubleOf(error);
      this.#vacant = sources.flatMap(({ kind, paths }) => paths.map((path) => ({ kind, path, trouble })));
      return true;
    }
  }

  /**
   * Gives each file one turn, and yields after each that delivered something: the bytes delivered.
   * @param isAwake those of the files that have been quiet for long that have a turn at once; without it all
   */
  *turn(nowMs: number, isAwake: (path: string) => boolean = () => true): Generator<number, void> {
    for (const [key, follower] of [...this.#followers]) {
      if (!this.#followers.has(key) || (follower.isResting(nowMs) && !isAwake(follower.path))) continue;
      const delivered = follower.poll(this.#options.turnBudgetBytes, nowMs);
      if (follower.retire(nowMs)) {
        this.#followers.delete(key);
        this.#archives.release(follower.identity);
      }
      if (delivered > 0) yield delivered;
    }
  }

  /** See FileFollower.checkpoint. Null when no followed file has this id any more. */
  checkpoint(fileId: number, safeOffset: number): FileCheckpoint | null {
    for (const follower of this.#followers.values()) {
      if (follower.fileId === fileId) return follower.checkpoint(safeOffset);
    }
    return null;
  }

  /** See FileFollower.countLines. Null when no followed file has this id any more. */
  countLines(fileId: number, from: number, to: number): number | null {
    for (const follower of this.#followers.values()) {
      if (follower.fileId === fileId) return follower.countLines(from, to);
    }
    return null;
  }

  status(): readonly FileStatus[] {
    const followed = [...this.#followers.values()].map((one) => one.status(this.#gapsAt.get(one.path) ?? 0));
    return [...followed, ...this.#vacant.map((one) => this.#vacantStatus(one))];
  }

  close(): void {
    for (const follower of this.#followers.values()) {
      follower.close();
      this.#archives.release(follower.identity);
    }
    this.#followers.clear();
    this.#archives.close();
  }

  #reconcile(discovery: Discovery, nowMs: number): void {
    const found = this.#byIdentity(discovery.found);
    const before = new Map([...this.#followers.values()].map((follower) => [follower.path, follower]));
    const scan: Scan = { nowMs, listing: new FolderListing(), found, before };
    const vacant = [...discovery.vacant, ...this.#archives.troubles];
    // Names first: a file that was renamed must be known under its new name before another one is taken on under the old.
    for (const [key, file] of found) this.#recognise(key, file);
    const names = new Set(discovery.found.map((file) => file.path));
    for (const [key, follower] of this.#followers) {
      if (!found.has(key)) follower.succession.displace(nowMs, names.has(follower.path));
    }
    for (const archive of this.#archives.takeBefore(null)) this.#followRotated(archive, null, scan);
    let oldFiles = 0;
    for (const [key, file] of found) {
      if (this.#followers.has(key)) continue;
      try {
        if (this.#isTooOld(file)) oldFiles += 1;
        else if (this.#isCopy(file)) continue;
        else this.#takeOn(file, scan);
      } catch (error) {
        vacant.push({ kind: file.kind, path: file.path, trouble: troubleOf(error) });
      }
    }
    this.#vacant = vacant;
    this.#oldFiles = oldFiles;
  }

  #recognise(key: string, file: FoundFile): void {
    const follower = this.#followers.get(key);
    if (follower === undefined) return;
    // Only a descriptor keeps an inode from being reused: one that could not be opened may have become another file.
    if (follower.isOpen || sameFile(follower.identity, file.identity)) follower.foundAt(file.path);
    else this.#followers.delete(key);
  }

  /** Several paths may lead to one file (links): the one under which it is followed already stays, else the first counts. */
  #byIdentity(files: readonly FoundFile[]): ReadonlyMap<string, FoundFile> {
    const found = new Map<string, FoundFile>();
    for (const file of files) {
      const key = heldKey(file.identity);
      if (!found.has(key) || this.#followers.get(key)?.path === file.path) found.set(key, file);
    }
    return found;
  }

  #isTooOld(file: FoundFile): boolean {
    const { sinceMs, checkpoints } = this.#options;
    if (sinceMs === null || file.modifiedMs >= sinceMs) return false;
    return checkpoints.byIdentity(file.identity) === null && checkpoints.byPath(file.path) === null;
  }

  #isCopy(file: FoundFile): boolean {
    const { checkpoints } = this.#options;
    if (checkpoints.byIdentity(file.identity) !== null) return false;
    return isCopy(file, (original) => checkpoints.generations(original.identity));
  }

  #takeOn(file: FoundFile, scan: Scan): void {
    const { checkpoints } = this.#options;
    const prior = this.#knownPaths.has(file.path) ? null : checkpoints.byPath(file.path);
    const moved = prior !== null && sameBirth(prior, file.identity) ? prior : null;
    const checkpoint = checkpoints.byIdentity(file.identity) ?? moved;
    const archives = this.#archives.takeBefore(file.path);
    const isArchived = prior !== null && archives.some(({ identity }) => sameFile(identity, prior));
    const lost = prior !== null && checkpoint === null && !isArchived && !this.#recover(prior, file, scan);
    let predecessor = scan.before.get(file.path) ?? null;
    for (const archive of archives) predecessor = this.#followRotated(archive, predecessor, scan);
    for (const rotated of this.#unreadRotations(file, checkpoint !== null, scan)) {
      const held = this.#followers.get(heldKey(rotated.identity));
      predecessor = held ?? this.#followRotated(rotated, predecessor, scan);
    }
    this.#follow(file, checkpoint, predecessor, lost, scan);
    this.#knownPaths.add(file.path);
  }

  /** Looks for the file that was followed at a path before the restart. False when it is gone, with whatever of it was not read. */
  #recover(prior: FileCheckpoint, file: FoundFile, scan: Scan): boolean {
    const elsewhere = [...scan.found.values()].some((one) => sameFile(one.identity, prior));
    if (elsewhere || this.#followers.has(heldKey(prior))) return true;
    const moved = filesIn(file.kind, dirname(scan.listing.realPath(file.path)), scan.listing).find((one) =>
      sameFile(one.identity, prior),
    );
    if (moved === undefined) return false;
    const inChain = rotationChain(file.kind, file.path, scan.listing).some((one) => one.path === moved.path);
    if (!inChain && hasMore(moved, prior)) this.#followRotated(moved, null, scan);
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
      isHeld: (one) => this.#followers.has(heldKey(one.identity)),
      isReadAsCopy: (one) => this.#isReadAsCopy(one),
      historySinceMs: readsHistory ? (sinceMs ?? 0) : null,
      unseenSinceMs,
    });
  }

  #isReadAsCopy({ identity }: FoundFile): boolean {
    return [...this.#followers.values()].some((follower) => follower.readsCopy(identity));
  }

  #followRotated(file: FoundFile, predecessor: FileFollower | null, scan: Scan): FileFollower {
    const checkpoint = this.#options.checkpoints.byIdentity(file.identity);
    const follower = this.#follow(file, checkpoint, predecessor, false, scan);
    follower.succession.displace(scan.nowMs, true);
    return follower;
  }

  #follow(
    file: FoundFile,
    checkpoint: FileCheckpoint | null,
    predecessor: FileFollower | null,
    predecessorLost: boolean,
    scan: Scan,
  ): FileFollower {
    const { timing } = this.#options;
    const { kind, path, identity } = file;
    const follower = new FileFollower({
      kind,
      path,
      identity,
      checkpoint,
      openedAtMs: checkpoint === null ? null : this.#options.checkpoints.openedAtMs(checkpoint),
      predecessorLost,
      predecessor,
      isKnown: (one) => this.#followers.has(heldKey(one)) || this.#options.checkpoints.byIdentity(one) !== null,
      generations: (one) => this.#options.checkpoints.generations(one),
      handler: this.#handler,
      buffer: this.#buffer,
      timing,
    });
    follower.hold();
    predecessor?.succession.supersede(scan.nowMs);
    // An archive may go on as a file whose inode has been reused by now.
    const isUnpacked = unpackedPlace(identity) !== null;
    this.#followers.set(isUnpacked ? fullKey(identity) : heldKey(identity), follower);
    return follower;
  }

  #vacantStatus({ kind, path, trouble }: VacantPath): FileStatus {
    const nothing = { fileId: null, offset: 0, sizeBytes: 0, lagBytes: 0, atEnd: false, endSeenAtMs: null };
    return { kind, path, ...trouble, ...nothing, gaps: this.#gapsAt.get(path) ?? 0 };
  }

  #countingGaps(handler: TailHandler): TailHandler {
    return {
      openFile: (opening, seen, openedAtMs) => {
        const gap = seen ?? this.#options.gapBefore?.(opening) ?? null;
        const fileId = handler.openFile(opening, gap, openedAtMs);
        if (gap !== null && gap.bytesLost !== 0)
          this.#gapsAt.set(opening.path, (this.#gapsAt.get(opening.path) ?? 0) + 1);
        return fileId;
      },
      onChunk: (chunk, file) => {
        handler.onChunk(chunk, file);
      },
      onEnd: (file) => {
        handler.onEnd(file);
      },
    };
  }
}
