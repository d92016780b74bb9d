import type { FileCheckpoint, FileIdentity } from '../domain.ts';
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
  /** Aborted: a scan that is under way takes on nothing. */
  readonly signal?: AbortSignal;
}

/** Which of the files that have been quiet for long are looked at. */
export interface Attention {
  /** They have a turn at once. */
  readonly awake: 'all' | ReadonlySet<string>;
  /** The file system says when something is written to it: the looks of the scans are enough. */
  readonly isWatched: (path: string) => boolean;
}

const EVERYTHING: Attention = { awake: 'all', isWatched: () => false };

export interface Turn {
  readonly path: string;
  /** Bytes. */
  readonly delivered: number;
  /** It had been quiet for long. */
  readonly wasQuiet: boolean;
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
  /** Those that do not rest, as the last turns saw it. */
  readonly #busy = new Set<FileFollower>();
  /** When one of the others has rested enough, or all are to be gone through again. */
  #restEndsMs = Number.NEGATIVE_INFINITY;
  #status: readonly FileStatus[] | null = null;

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
    const scannedAtMs = Date.now();
    try {
      const discovery = await discover(sources);
      await this.#archives.look(discovery);
      // What was not unpacked must not be overtaken by what comes after it: the next start looks at all of it again.
      if (this.#options.signal?.aborted === true) return false;
      const before = this.#found;
      this.#found = new Map(discovery.found.map(({ path, identity }) => [path, heldKey(identity)]));
      this.#reconcile(discovery, nowMs, scannedAtMs);
      return before.size !== this.#found.size || [...this.#found].some(([path, key]) => before.get(path) !== key);
    } catch (error) {
      // What is followed stays followed: a scan that failed says nothing about the files.
      const trouble = troubleOf(error);
      this.#vacant = sources.flatMap(({ kind, paths }) => paths.map((path) => ({ kind, path, trouble })));
      return true;
    } finally {
      this.#restEndsMs = Number.NEGATIVE_INFINITY;
      this.#status = null;
    }
  }

  /** When the first of the files that rest has rested enough; in the past while any does not rest. */
  get nextTurnMs(): number {
    return this.#busy.size > 0 ? Number.NEGATIVE_INFINITY : this.#restEndsMs;
  }

  /** Gives each file one turn that does not rest, and yields after each that delivered something. */
  *turn(nowMs: number, { awake, isWatched }: Attention = EVERYTHING): Generator<Turn, void> {
    const goesThroughAll = awake === 'all' || awake.size > 0 || nowMs >= this.#restEndsMs;
    if (goesThroughAll) this.#restEndsMs = Number.POSITIVE_INFINITY;
    for (const follower of goesThroughAll ? this.#followers.values() : this.#busy) {
      const { path } = follower;
      const restsUntilMs = follower.restsUntilMs(nowMs, isWatched(path));
      if (restsUntilMs > nowMs && awake !== 'all' && !awake.has(path)) {
        this.#restEndsMs = Math.min(this.#restEndsMs, restsUntilMs);
        this.#busy.delete(follower);
        continue;
      }
      this.#busy.add(follower);
      this.#status = null;
      const wasQuiet = follower.succession.isQuiet(nowMs);
      const delivered = follower.poll(this.#options.turnBudgetBytes, nowMs);
      if (follower.retire(nowMs)) {
        this.#busy.delete(follower);
        this.#followers.delete(followerKey(follower.identity));
        this.#archives.release(follower.identity);
      }
      if (delivered > 0) yield { path, delivered, wasQuiet };
    }
  }

  /** See FileFollower.checkpoint. Null also when no followed file has this id any more. */
  checkpoint(fileId: number, safeOffset: number): FileCheckpoint | null {
    for (const follower of this.#followers.values()) {
      if (follower.fileId === fileId) return follower.checkpoint(safeOffset);
    }
    return null;
  }

  /** See FileFollower.countLines. Null also when no followed file has this id any more. */
  countLines(fileId: number, from: number, to: number): number | null {
    for (const follower of this.#followers.values()) {
      if (follower.fileId === fileId) return follower.countLines(from, to);
    }
    return null;
  }

  /** The same list as long as nothing changes but the moments of the last looks: a thousand quiet files are asked for some times a second. */
  status(): readonly FileStatus[] {
    this.#status ??= [
      ...[...this.#followers.values()].map((one) => one.status(this.#gaps.at(one.path))),
      ...this.#vacant.map((one) => this.#vacantStatus(one)),
    ];
    return this.#status;
  }

  close(): void {
    for (const follower of this.#followers.values()) {
      follower.close();
      this.#archives.release(follower.identity);
    }
    this.#followers.clear();
    this.#busy.clear();
    this.#status = null;
    this.#archives.close();
  }

  #reconcile(discovery: Discovery, nowMs: number, scannedAtMs: number): void {
    const found = this.#byIdentity(discovery.found);
    const before = new Map([...this.#followers.values()].map((follower) => [follower.path, follower]));
    const scan: Scan = { nowMs, scannedAtMs, listing: new FolderListing(), found, before };
    const vacant = [...discovery.vacant, ...this.#archives.troubles];
    // Names first: a file that was renamed must be known under its new name before another one is taken on under the old.
    for (const [key, file] of found) {
      const follower = this.#recognised(key, file);
      follower?.found(file, nowMs, scannedAtMs);
    }
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

  #recognised(key: string, file: FoundFile): FileFollower | undefined {
    const follower = this.#followers.get(key);
    if (follower === undefined) return undefined;
    // Only a descriptor keeps an inode from being reused: one that could not be opened may have become another file.
    if (follower.isOpen || sameFile(follower.identity, file.identity)) return follower;
    this.#followers.delete(key);
    this.#busy.delete(follower);
    return undefined;
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
    const { source, path, identity } = file;
    const follower = new FileFollower({
      source,
      path,
      identity,
      checkpoint,
      openedAtMs: checkpoint === null ? scan.scannedAtMs : this.#options.checkpoints.openedAtMs(checkpoint),
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
    this.#followers.set(followerKey(identity), follower);
    return follower;
  }

  #vacantStatus({ kind, path, trouble }: VacantPath): FileStatus {
    const nothing = { fileId: null, offset: 0, sizeBytes: 0, lagBytes: 0, atEnd: false, endSeenAtMs: null };
    return { kind, path, ...trouble, ...nothing, gaps: this.#gaps.at(path) };
  }
}

/** An archive may go on as a file whose inode has been reused by now. */
function followerKey(identity: FileIdentity): string {
  return unpackedPlace(identity) === null ? heldKey(identity) : fullKey(identity);
}
