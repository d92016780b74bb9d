import type { FileCheckpoint } from '../domain.ts';
import { Archives } from './archives.ts';
import { discover } from './discover.ts';
import type { Discovery, FoundFile, TailSource, VacantPath } from './discover.ts';
import { FileFollower } from './file-follower.ts';
import { fullKey, heldKey } from './file-identity.ts';
import { MARKER_MAX_BYTES } from './fingerprint.ts';
import { FolderListing } from './folder-listing.ts';
import { GapCount } from './gap-count.ts';
import type { GapBefore } from './gap-count.ts';
import { troubleOf } from './io-trouble.ts';
import { Newcomers } from './newcomers.ts';
import type { Newcomer, NewcomersOptions, Scan } from './newcomers.ts';
import type { SuccessionTiming } from './succession.ts';
import type { FileStatus, TailHandler } from './tail-handler.ts';
import { unpackedPlace } from './unpacked-files.ts';
import { sameFile } from './unread-rotations.ts';

const READ_BYTES = 256 * 1024;

export interface FileRosterOptions extends Pick<
  NewcomersOptions,
  'checkpoints' | 'sinceMs' | 'readsHistory' | 'unseenSinceMs'
> {
  readonly sources: readonly TailSource[];
  readonly handler: TailHandler;
  readonly timing: SuccessionTiming;
  /** How much one file may deliver before the next one has its turn. */
  readonly turnBudgetBytes: number;
  /** Where archives are unpacked to. */
  readonly unpackFolder: string;
  readonly gapBefore?: GapBefore;
}

/** Knows which files are followed, keeps that in step with what the scans find, and gives each file its turn. */
export class FileRoster {
  readonly #options: FileRosterOptions;
  readonly #gaps: GapCount;
  readonly #archives: Archives;
  readonly #newcomers: Newcomers;
  readonly #followers = new Map<string, FileFollower>();
  readonly #buffer = Buffer.allocUnsafe(MARKER_MAX_BYTES + READ_BYTES);
  /** What the last scan found, by path. */
  #found: ReadonlyMap<string, string> = new Map();
  #vacant: readonly VacantPath[] = [];
  #oldFiles = 0;

  constructor(options: FileRosterOptions) {
    this.#options = options;
    this.#gaps = new GapCount(options.handler, options.gapBefore);
    this.#archives = new Archives({ ...options, folder: options.unpackFolder });
    this.#newcomers = new Newcomers({
      ...options,
      archives: this.#archives,
      followers: this.#followers,
      follow: (newcomer, scan) => this.#follow(newcomer, scan),
    });
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
    const followed = [...this.#followers.values()].map((one) => one.status(this.#gaps.at(one.path)));
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
    for (const archive of this.#archives.takeBefore(null)) this.#newcomers.followRotated(archive, null, scan);
    let oldFiles = 0;
    for (const [key, file] of found) {
      if (this.#followers.has(key)) continue;
      try {
        if (this.#newcomers.isTooOld(file)) oldFiles += 1;
        else if (this.#newcomers.isCopy(file)) continue;
        else this.#newcomers.takeOn(file, scan);
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

  #follow({ file, checkpoint, predecessor, predecessorLost }: Newcomer, scan: Scan): FileFollower {
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
      handler: this.#gaps.handler,
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
    return { kind, path, ...trouble, ...nothing, gaps: this.#gaps.at(path) };
  }
}
