import { statSync } from 'node:fs';
import type { KnownToken } from '../api/check-token.ts';
import { readTokenList } from '../config/token-list.ts';

/**
 * The tokens of the list as it is now: it is looked at with each question, so that one that was taken away is refused at once, and read when it has changed.
 * A list that cannot be read lets nobody in, and its trouble is said once.
 */
export function listedTokens(path: string, onTrouble: (error: unknown) => void): () => readonly KnownToken[] {
  let seen: string | null = null;
  let known: readonly KnownToken[] = [];
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    const now = stat === undefined ? '' : [stat.ino, stat.mtimeNs, stat.ctimeNs, stat.size].join(' ');
    if (now === seen) return known;
    seen = now;
    try {
      known = readTokenList(path);
    } catch (error) {
      known = [];
      onTrouble(error);
    }
    return known;
  };
}
