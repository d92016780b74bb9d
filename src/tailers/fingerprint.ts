import { createHash } from 'node:crypto';

/** How much of a file's head its fileFingerprint covers. Two logs with an equal start-up banner differ by then. */
export const HEAD_MAX_BYTES = 1024;

/** How much before an offset is remembered. It is the one guard that sees a truncation followed by a refill past the offset. */
export const MARKER_MAX_BYTES = 256;

/** Hash of a head or a marker. It guards against mistaken identity, not against forgery. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
