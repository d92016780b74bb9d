import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import { lookAt } from './discover.ts';
import type { FoundFile, TailSource } from './discover.ts';
import { codeOf } from '../errors.ts';
import { readProof, verifyCheckpoint } from './file-checkpoint.ts';
import { heldKey } from './file-identity.ts';
import { HEAD_MAX_BYTES, MARKER_MAX_BYTES } from './fingerprint.ts';
import { HeldFile } from './held-file.ts';
import { FolderListing } from './folder-listing.ts';
import { rotatedFrom } from './rotated-names.ts';
import { rotationChain } from './rotation-chain.ts';

/** Where the rest of a truncated generation is to be had. */
export interface OpenCopy {
  readonly file: HeldFile;
  readonly found: FoundFile;
}

export interface FileGeneration extends FileIdentity {
  readonly generation: number;
}

export interface CopySearch {
  readonly source: TailSource;
  /** Whether a file is or was followed under its own identity: then it is no copy. */
  readonly isKnown: (identity: FileIdentity) => boolean;
  /** What is stored of a file, any generation. */
  readonly generations: (identity: FileIdentity) => readonly FileCheckpoint[];
  /** When the generation that is read was first seen, wall clock; null when nobody knows. Copies that are older are of older generations. */
  readonly openedAtMs: number | null;
  /** The copy that was read last: only later ones can hold anything new. */
  readonly after: FoundFile | null;
}

/** The kernel stamps files by a clock that lags the wall clock by a tick. */
export const CLOCK_TICK_MS = 20;

/** A rotator renames the copies one after the other: while it does, one may be gone from the name under which it was listed. */
const MAX_LOOKS = 10;

/**
 * The copy that `copytruncate` left beside a file: under a rotator's name, with the same head, and with the bytes that were read last where
 * they were read. Null when there is none; then what was not read before the truncation is gone.
 * @param checkpoint of a generation that was read in part, and is not in the file any more
 * @throws `tail.replaced`, or ENOENT, when the copies are being renamed all the time
 */
export function findCopy(path: string, checkpoint: FileCheckpoint, search: CopySearch): OpenCopy | null {
  return whileRenamed(() => {
    for (const found of bestFirst(copiesOf(path, checkpoint, search), search)) {
      const file = openAgreeing(found, checkpoint);
      if (file !== null) return { file, found };
    }
    return null;
  });
}

/**
 * The first copy that was taken since a generation was opened of which nothing was read: it came and went before it was seen. Empty copies hold
 * nothing, or nothing yet.
 * @throws as findCopy
 */
export function findUnreadCopy(path: string, unread: FileGeneration, search: CopySearch): OpenCopy | null {
  return whileRenamed(() => {
    const found = unreadCopies(copiesOf(path, unread, search), unread, search).find((one) => one.sizeBytes > 0);
    const file = found === undefined ? null : openCopy(found);
    return found === undefined || file === null ? null : { file, found };
  });
}

/**
 * Whether a file still holds what was copied of it. Then it was not truncated since, and the copy may not be whole yet: a rotator truncates when
 * it has done.
 */
export function isStillIn(copy: HeldFile, file: HeldFile): boolean {
  const { sizeBytes } = copy.stats();
  const markerBytes = Math.min(MARKER_MAX_BYTES, sizeBytes);
  const holdsSame = (position: number, length: number): boolean =>
    copy.read(Buffer.alloc(length), position).equals(file.read(Buffer.alloc(length), position));
  return holdsSame(0, Math.min(HEAD_MAX_BYTES, sizeBytes)) && holdsSame(sizeBytes - markerBytes, markerBytes);
}

function whileRenamed(find: () => OpenCopy | null): OpenCopy | null {
  for (let looks = 1; ; looks += 1) {
    try {
      return find();
    } catch (error) {
      if (!isRenamed(error) || looks === MAX_LOOKS) throw error;
    }
  }
}

/** What was listed under a name is not there any more. */
function isRenamed(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'tail.replaced';
}

/** Earliest first. */
function copiesOf(path: string, identity: FileIdentity, { source, isKnown }: CopySearch): readonly FoundFile[] {
  const chain = rotationChain(source, rotatedFrom(path) ?? path, new FolderListing());
  const own = chain.findIndex((one) => heldKey(one.identity) === heldKey(identity));
  return (own < 0 ? chain : chain.slice(0, own)).filter((one) => !isKnown(one.identity));
}

/**
 * Logs that rotate within a second may begin with the same words, so the first copy since the generation was opened comes first: later ones are
 * of later generations. Older ones count only if the clock was set meanwhile.
 */
function bestFirst(copies: readonly FoundFile[], { openedAtMs }: CopySearch): readonly FoundFile[] {
  const isYoung = ({ bornMs }: FoundFile): boolean => openedAtMs !== null && bornMs >= openedAtMs - CLOCK_TICK_MS;
  return [...copies.filter(isYoung), ...copies.filter((copy) => !isYoung(copy)).reverse()];
}

/** Taken since the generation was opened, and later than the copies of what was read before it. */
function unreadCopies(
  copies: readonly FoundFile[],
  unread: FileGeneration,
  { generations, openedAtMs, after }: CopySearch,
): readonly FoundFile[] {
  if (openedAtMs === null) return [];
  const read = generations(unread).filter(
    ({ generation, headBytes }) => headBytes > 0 && generation !== unread.generation,
  );
  const young = copies.filter(({ bornMs, identity }) => {
    // Both stamps are of one clock: what was copied before the file was made is of another file.
    const isOfThisFile = BigInt(identity.birthtimeNs) > BigInt(unread.birthtimeNs);
    return isOfThisFile && bornMs >= openedAtMs - CLOCK_TICK_MS;
  });
  const wasRead = (copy: FoundFile): boolean =>
    (after !== null && heldKey(after.identity) === heldKey(copy.identity)) || read.some((one) => isAgreeing(copy, one));
  return young.slice(young.findLastIndex(wasRead) + 1);
}

/**
 * Whether a file that a glob found is such a copy: the file it was taken from is read (or was) under its own name, so this one would give
 * the same lines again.
 * @param generations what is stored of the file that is at the original's path now, any generation
 */
export function isCopy(file: FoundFile, generations: (original: FoundFile) => readonly FileCheckpoint[]): boolean {
  const originalPath = rotatedFrom(file.path);
  const original = originalPath === null ? null : lookAt(file.source, originalPath);
  if (original === null || !('identity' in original)) return false;
  if (heldKey(original.identity) === heldKey(file.identity)) return false;
  if (isBeingCopied(file, original)) return true;
  return generations(original).some((checkpoint) => checkpoint.headBytes > 0 && agrees(file, checkpoint));
}

function isBeingCopied(copy: FoundFile, original: FoundFile): boolean {
  const [held, file] = [openCopy(copy), openCopy(original)];
  try {
    return held !== null && file !== null && isStillIn(held, file);
  } finally {
    held?.close();
    file?.close();
  }
}

/** Whether a file holds what was read of another (or of itself) where it was read. */
export function agrees(file: FoundFile, checkpoint: FileCheckpoint): boolean {
  try {
    return isAgreeing(file, checkpoint);
  } catch {
    return false;
  }
}

function isAgreeing(file: FoundFile, checkpoint: FileCheckpoint): boolean {
  const held = openAgreeing(file, checkpoint);
  held?.close();
  return held !== null;
}

function openAgreeing(file: FoundFile, checkpoint: FileCheckpoint): HeldFile | null {
  const held = openCopy(file);
  if (held === null) return null;
  try {
    const proof = readProof(checkpoint, (position, length) => held.read(Buffer.alloc(length), position));
    if (verifyCheckpoint(checkpoint, held.stats().sizeBytes, proof) === 'agrees') return held;
  } catch {
    // Unreadable: of no use, as below.
  }
  held.close();
  return null;
}

/** Null when it can't be opened: then it is of no use as a copy. @throws when it is not under its name any more */
function openCopy(file: FoundFile): HeldFile | null {
  const held = new HeldFile(file.identity);
  try {
    held.open(file.path);
    return held;
  } catch (error) {
    if (isRenamed(error)) throw error;
    return null;
  }
}
