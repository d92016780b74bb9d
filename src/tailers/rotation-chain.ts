import { basename, dirname, join } from 'node:path';
import { lookAt } from './discover.ts';
import type { FoundFile, TailSource, VacantPath } from './discover.ts';
import { heldKey } from './file-identity.ts';
import { FolderListing } from './folder-listing.ts';
import { isRotationSuffix, rotatedEarlier } from './rotated-names.ts';

/** All regular files of a folder. */
export function filesIn(source: TailSource, folder: string, listing: FolderListing): readonly FoundFile[] {
  const entries = listing.names(folder).map((name) => lookAt(source, join(folder, name)));
  return entries.filter((entry) => 'identity' in entry);
}

/** The files that a rotator moved away from a path (or copied), under the names it usually gives, earliest first. */
export function rotationChain(source: TailSource, path: string, listing: FolderListing): readonly FoundFile[] {
  let look = lookAlong(source, path, listing);
  if (look.entries.length === 0) return look.chain;
  for (let tries = 0; tries < MAX_LOOKS; tries += 1) {
    const again = lookAlong(source, path, new FolderListing());
    if (isSteady(look) && isSteady(again) && isSameChain(look.chain, again.chain)) return again.chain;
    look = again;
  }
  return look.chain;
}

/** The same for those that were compressed since. */
export function archiveChain(source: TailSource, path: string, listing: FolderListing): readonly FoundFile[] {
  return lookAlong(source, path, listing, '.gz').chain;
}

/**
 * A rotator that renames `.1` to `.2` between our two looks at them makes one file disappear: then a name leads nowhere, or to another file the
 * next time. Two equal looks at which every name led to a file saw no such moment.
 */
const MAX_LOOKS = 10;

interface Look {
  /** One for each name that was listed. */
  readonly entries: readonly (FoundFile | VacantPath)[];
  readonly chain: readonly FoundFile[];
}

function isSteady({ entries }: Look): boolean {
  return entries.every((one) => 'identity' in one || one.trouble.state === 'failing');
}

function isSameChain(a: readonly FoundFile[], b: readonly FoundFile[]): boolean {
  return a.length === b.length && a.every((one, at) => heldKey(one.identity) === keyAt(b, at));
}

function keyAt(chain: readonly FoundFile[], at: number): string {
  const file = chain[at];
  return file === undefined ? '' : heldKey(file.identity);
}

function lookAlong(source: TailSource, path: string, listing: FolderListing, ending = ''): Look {
  // Who rotates a file that is reached by a link (a pod's log) leaves the others beside the file, not beside the link.
  const real = listing.realPath(path);
  const folder = dirname(real);
  const base = basename(real);
  const names = listing.startingWith(folder, base);
  // A thousand logs that were never rotated are looked at often.
  if (names.length === 1 && names[0] === base) return { entries: [], chain: [] };
  const suffixes = names
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(base.length, name.length - ending.length))
    .filter(isRotationSuffix);
  const entries = suffixes.sort(rotatedEarlier).map((suffix) => lookAt(source, join(folder, base + suffix + ending)));
  return { entries, chain: entries.filter((entry) => 'identity' in entry) };
}
