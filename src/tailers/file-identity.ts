import type { BigIntStats } from 'node:fs';
import type { FileIdentity } from '../domain.ts';

export function identityOf(stats: BigIntStats): FileIdentity {
  return { dev: String(stats.dev), ino: String(stats.ino), birthtimeNs: String(stats.birthtimeNs) };
}

/**
 * Key of a file among those whose descriptors are held. An inode that is held cannot be reused, so the birth time is left out:
 * kernels without statx report the change time in its place, which moves with every write.
 */
export function heldKey(identity: FileIdentity): string {
  return `${identity.dev}:${identity.ino}`;
}

/** Key of a file for ever: what an inode number meant before it was reused is another file. */
export function fullKey(identity: FileIdentity): string {
  return `${heldKey(identity)}:${identity.birthtimeNs}`;
}
