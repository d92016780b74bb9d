import type { FileCheckpoint, FileIdentity } from '../domain.ts';
import { lookAt } from './discover.ts';
import type { FoundFile, TailSource } from './discover.ts';
import { verifyCheckpoint } from './file-checkpoint.ts';
import { heldKey } from './file-identity.ts';
import { HeldFile } from './held-file.ts';
import { FolderListing } from './folder-listing.ts';
import { rotatedFrom, rotationChain } from './rotation-chain.ts';

/** Where the rest of a truncated generation is to be had. */
export interface OpenCopy {
  readonly file: HeldFile;
  readonly found: FoundFile;
}

export interface CopySearch {
  readonly source: TailSource;
  /** Whether a file is or was followed under its own identity: then it is no copy. */
  readonly isKnown: (identity: FileIdentity) => boolean;
  /** What is stored of a file, any generation. */
  readonly generations: (identity: FileIdentity) => readonly FileCheckpoint[];
  /** When the checkpoint's generation was first seen, wall clock; null when nobody knows. */
  readonly openedAtMs: number | null;
  /** The copy that was read last: only later ones can hold anything new. */
  readonly after: FoundFile | null;
}

/** The kernel stamps files by a clock that lags the wall clock by a tick. */
export const CLOCK_TICK_MS = 20;

/**
 * The copy that `copytruncate` left beside a file: under a rotator's name, with the same head, and with the bytes that were read last where
 * they were read. A generation of which nothing was read yet is in the first copy that was taken since it was opened. Null when there is
 * none; then what was not read before the truncation is gone.
 */
export function findCopy(path: string, checkpoint: FileCheckpoint, search: CopySearch): OpenCopy | null {
  const copies = copiesOf(path, checkpoint, search);
  const candidates = checkpoint.headBytes > 0 ? readCopies(copies, search) : unreadCopies(copies, checkpoint, search);
  for (const found of candidates) {
    const file = openAgreeing(found, checkpoint);
    if (file !== null) return { file, found };
  }
  return null;
}

/** The copy that was taken after this one: a generation that came and went before it was seen. */
export function findNextCopy(
  path: string,
  before: FoundFile,
  identity: FileIdentity,
  search: CopySearch,
): OpenCopy | null {
  const copies = copiesOf(path, identity, search);
  const at = copies.findIndex((copy) => isSame(copy, before));
  const found = at < 0 ? undefined : copies[at + 1];
  if (found === undefined) return null;
  const file = new HeldFile(found.identity);
  file.open(found.path);
  return { file, found };
}

function isSame(a: FoundFile, b: FoundFile): boolean {
  return heldKey(a.identity) === heldKey(b.identity);
}

/** Earliest first. */
function copiesOf(path: string, identity: FileIdentity, { source, isKnown }: CopySearch): readonly FoundFile[] {
  const chain = rotationChain(source, rotatedFrom(path) ?? path, new FolderListing());
  const own = chain.findIndex((one) => heldKey(one.identity) === heldKey(identity));
  return (own < 0 ? chain : chain.slice(0, own)).filter((one) => !isKnown(one.identity));
}

/**
 * Copies of a generation that was read in part. Logs that rotate within a second may begin with the same words, so the first copy since the
 * generation was opened comes first: later ones are of later generations. Older ones count only if the clock was set meanwhile.
 */
function readCopies(copies: readonly FoundFile[], { openedAtMs }: CopySearch): readonly FoundFile[] {
  const isYoung = ({ bornMs }: FoundFile): boolean => openedAtMs !== null && bornMs >= openedAtMs - CLOCK_TICK_MS;
  return [...copies.filter(isYoung), ...copies.filter((copy) => !isYoung(copy)).reverse()];
}

/** Copies of a generation of which nothing was read: taken since it was opened, and later than the copies of what was read before it. */
function unreadCopies(
  copies: readonly FoundFile[],
  checkpoint: FileCheckpoint,
  { generations, openedAtMs, after }: CopySearch,
): readonly FoundFile[] {
  if (openedAtMs === null) return [];
  const read = generations(checkpoint).filter(({ headBytes }) => headBytes > 0);
  const lastRead = copies.findLastIndex(
    (copy) => (after !== null && isSame(copy, after)) || read.some((one) => agrees(copy, one)),
  );
  return copies.slice(lastRead + 1).filter(({ bornMs, identity }) => {
    // Both stamps are of one clock: what was copied before the file was made is of another file.
    const isOfThisFile = BigInt(identity.birthtimeNs) > BigInt(checkpoint.birthtimeNs);
    return isOfThisFile && bornMs >= openedAtMs - CLOCK_TICK_MS;
  });
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
  return generations(original).some((checkpoint) => checkpoint.headBytes > 0 && agrees(file, checkpoint));
}

/** Whether a file holds what was read of another (or of itself) where it was read. */
export function agrees(file: FoundFile, checkpoint: FileCheckpoint): boolean {
  const copy = openAgreeing(file, checkpoint);
  copy?.close();
  return copy !== null;
}

function openAgreeing(file: FoundFile, checkpoint: FileCheckpoint): HeldFile | null {
  const held = new HeldFile(file.identity);
  try {
    held.open(file.path);
    const read = (position: number, length: number): Buffer => held.read(Buffer.alloc(length), position);
    if (verifyCheckpoint(checkpoint, held.stats().sizeBytes, read) === 'agrees') return held;
  } catch {
    // Gone or unreadable: then it is of no use as a copy either.
  }
  held.close();
  return null;
}
