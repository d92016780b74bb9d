import type { BigIntStats } from 'node:fs';

/**
 * Which physical file this is, whatever its name. Decimal strings, because an inode may exceed 2^53 and JSON has no bigint.
 * The birth time is part of it: a freed inode number is handed to the next file that is created, nearly always.
 */
export interface FileIdentity {
  readonly dev: string;
  readonly ino: string;
  readonly birthtimeNs: string;
}

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
