import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { FileCheckpoint } from '../domain.ts';
import { lookAt } from './discover.ts';
import type { Discovery, FoundFile, VacantPath } from './discover.ts';
import type { CheckpointLookup } from './file-checkpoint.ts';
import { fullKey } from './file-identity.ts';
import { troubleOf } from './io-trouble.ts';
import { FolderListing } from './folder-listing.ts';
import { archiveChain, rotationChain } from './rotation-chain.ts';
import { agrees } from './truncated-copy.ts';
import { sameFile } from './unread-rotations.ts';
import { forgetUnpackedPlace, setUnpackedPlace } from './unpacked-files.ts';
import { codeOf } from '../errors.ts';

export interface ArchivesOptions {
  /** Holds what is unpacked; nothing else may lie there. */
  readonly folder: string;
  readonly checkpoints: CheckpointLookup;
  readonly sinceMs: number | null;
  readonly readsHistory: boolean;
  /** See FileRosterOptions. */
  readonly unseenSinceMs: number;
  /** Aborted: nothing more is unpacked. */
  readonly signal?: AbortSignal;
}

const ARCHIVE_SUFFIX = '.gz';
const DAMAGE: ReadonlySet<string> = new Set(['Z_BUF_ERROR', 'Z_DATA_ERROR']);

/**
 * Log files that were compressed. They are read for back-fill, and where one holds the rest of a file that was followed before: which it is
 * shows in its unpacked bytes. Each is unpacked once, into a file that goes when it is read; it keeps its own identity, or takes over that of the
 * file whose rest it holds, and offsets count unpacked bytes.
 */
export class Archives {
  readonly #options: ArchivesOptions;
  readonly #decided = new Set<string>();
  readonly #ready: { readonly archive: FoundFile; readonly before: string | null }[] = [];
  readonly #troubles = new Map<string, VacantPath>();
  #isFolderClean = false;

  constructor(options: ArchivesOptions) {
    this.#options = options;
  }

  get troubles(): readonly VacantPath[] {
    return [...this.#troubles.values()];
  }

  /** Unpacks what is wanted and has not been looked at before, which may take minutes; where it is aborted, not all of it. */
  async look({ found, archives }: Discovery): Promise<void> {
    const listing = new FolderListing();
    const inChains = new Set<string>();
    for (const file of found) {
      const chain = archiveChain(file.source, file.path, listing);
      for (const { path } of chain) inChains.add(path);
      await this.#lookAtChain(file, chain);
    }
    for (const archive of archives) {
      if (inChains.has(archive.path) || !this.#isHistory(archive)) continue;
      const unpacked = await this.#unpacked(archive);
      if (unpacked !== null) this.#take(unpacked, null);
    }
  }

  /** Those that are to be read before the file at a path; null: those without such a file. Earliest first; each is handed out once. */
  takeBefore(path: string | null): readonly FoundFile[] {
    const taken = this.#ready.filter(({ before }) => before === path);
    for (const one of taken) this.#ready.splice(this.#ready.indexOf(one), 1);
    return taken.map(({ archive }) => archive);
  }

  /** It has been read, or is given up. */
  release(identity: FoundFile['identity']): void {
    const place = forgetUnpackedPlace(identity);
    if (place !== null) rmSync(place, { force: true });
  }

  close(): void {
    for (const { archive } of this.#ready.splice(0)) this.release(archive.identity);
  }

  async #lookAtChain(file: FoundFile, chain: readonly FoundFile[]): Promise<void> {
    const fresh = chain.filter((archive) => !this.#isDecided(archive));
    if (fresh.length === 0) return;
    const lost = this.#lostAt(file);
    let isAfterLost = false;
    for (const archive of fresh) {
      if (lost === null && !this.#isHistory(archive) && !this.#isUnseen(archive, file)) continue;
      const unpacked = await this.#unpacked(archive);
      if (unpacked === null) continue;
      const holdsRest = lost !== null && agrees(unpacked, lost);
      if (holdsRest) this.#takeOver(unpacked, lost, file.path);
      else if (isAfterLost || this.#isHistory(archive) || this.#isUnseen(archive, file))
        this.#take(unpacked, file.path);
      else this.release(unpacked.identity);
      isAfterLost ||= holdsRest;
    }
  }

  /** What was followed at the path of a file before, if it is nowhere to be found as it was. */
  #lostAt(file: FoundFile): FileCheckpoint | null {
    const prior = this.#options.checkpoints.byPath(file.path);
    if (prior === null || prior.headBytes === 0 || sameFile(file.identity, prior)) return null;
    const isThere = rotationChain(file.source, file.path, new FolderListing()).some((one) =>
      sameFile(one.identity, prior),
    );
    return isThere ? null : prior;
  }

  /** In the first run what is young enough; later what an earlier run began to read. */
  #isHistory({ path, identity, modifiedMs }: FoundFile): boolean {
    const { checkpoints, sinceMs, readsHistory } = this.#options;
    const begun = checkpoints.byPath(path);
    if (begun !== null && sameFile(identity, begun)) return true;
    return readsHistory && checkpoints.byIdentity(identity) === null && (sinceMs === null || modifiedMs >= sinceMs);
  }

  /** Of a log that came, was rotated and compressed while nobody looked. */
  #isUnseen({ bornMs }: FoundFile, { path, identity }: FoundFile): boolean {
    const { checkpoints, unseenSinceMs } = this.#options;
    return bornMs >= unseenSinceMs && checkpoints.byPath(path) === null && checkpoints.byIdentity(identity) === null;
  }

  #isAborted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #isDecided({ identity }: FoundFile): boolean {
    return this.#decided.has(fullKey(identity));
  }

  #take(archive: FoundFile, before: string | null): void {
    const { checkpoints } = this.#options;
    const folders = new Set([archive.path, before ?? archive.path].map((path) => dirname(path)));
    const stored = [...folders].flatMap((folder) => checkpoints.inFolder(folder));
    const known = stored.find((one) => one.headBytes > 0 && agrees(archive, one));
    if (known !== undefined && !sameFile(archive.identity, known)) this.#takeOver(archive, known, before);
    else this.#ready.push({ archive, before });
  }

  /** Goes on as the file whose bytes these are, unless that was read to its end. */
  #takeOver(archive: FoundFile, known: FileCheckpoint, before: string | null): void {
    const place = forgetUnpackedPlace(archive.identity);
    if (place === null) return;
    if (archive.sizeBytes <= known.offset) {
      rmSync(place, { force: true });
      return;
    }
    const { dev, ino, birthtimeNs } = known;
    const identity = { dev, ino, birthtimeNs };
    setUnpackedPlace(identity, place);
    this.#ready.push({ archive: { ...archive, identity }, before });
  }

  /** With the size of its content; null when there is nothing to be had, now or at all. */
  async #unpacked(archive: FoundFile): Promise<FoundFile | null> {
    const { kind, source, path, identity } = archive;
    // The compressor is at work: it takes the plain file away when it is done.
    if (this.#isAborted()) return null;
    if (this.#isDecided(archive) || 'identity' in lookAt(source, path.slice(0, -ARCHIVE_SUFFIX.length))) return null;
    const place = join(this.#options.folder, `${identity.dev}-${identity.ino}-${identity.birthtimeNs}`);
    try {
      this.#cleanFolder();
      const isWhole = await unpack(path, place, this.#options.signal);
      this.#decided.add(fullKey(identity));
      if (isWhole) this.#troubles.delete(path);
      else this.#troubles.set(path, { kind, path, trouble: DAMAGED });
      setUnpackedPlace(identity, place);
      return { ...archive, sizeBytes: statSync(place).size };
    } catch (error) {
      rmSync(place, { force: true });
      if (this.#isAborted()) return null;
      const { reason, hint } = troubleOf(error);
      this.#troubles.set(path, {
        kind,
        path,
        trouble: { state: 'failing', reason: `cannot be unpacked: ${reason}`, hint },
      });
      return null;
    }
  }

  /** What a killed run left. */
  #cleanFolder(): void {
    if (this.#isFolderClean) return;
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
    this.#isFolderClean = true;
  }
}

const DAMAGED: VacantPath['trouble'] = {
  state: 'failing',
  reason: 'the archive is damaged or breaks off: it is read as far as it can be unpacked',
  hint: 'see what gzip -t says of it',
};

/** @returns whether the archive was whole. @throws any error of reading and writing; what it left at `target` is of no use then */
async function unpack(path: string, target: string, signal?: AbortSignal): Promise<boolean> {
  const descriptor = openSync(target, 'w', 0o600);
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const packed = createReadStream(path, signal === undefined ? {} : { signal });
      const gunzip = createGunzip({ chunkSize: 1 << 18 });
      const fail = (error: Error): void => {
        packed.destroy();
        gunzip.destroy();
        if (DAMAGE.has(codeOf(error) ?? '')) resolve(false);
        else reject(error);
      };
      gunzip.on('data', (bytes: Buffer) => {
        try {
          for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
        } catch (error) {
          fail(error as Error);
        }
      });
      gunzip.once('end', () => {
        resolve(true);
      });
      gunzip.once('error', fail);
      packed.once('error', fail);
      packed.pipe(gunzip);
    });
  } finally {
    closeSync(descriptor);
  }
}
