import { codeOf } from '../errors.ts';
/** What tells gzip, apart from what unpacks it: most logs are plain, and zlib takes a while to load. */
const MAGIC = [0x1f, 0x8b] as const;
const DAMAGE: ReadonlySet<string> = new Set(['Z_BUF_ERROR', 'Z_DATA_ERROR']);

export function isGzip(firstBytes: Buffer): boolean {
  return firstBytes[0] === MAGIC[0] && firstBytes[1] === MAGIC[1];
}

/** Whether reading ended because the packed data broke off or is damaged, and not because the disk failed. */
export function isTruncation(error: unknown): boolean {
  return DAMAGE.has(codeOf(error) ?? '');
}
