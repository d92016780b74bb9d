import type { HeldFile } from './held-file.ts';

const LF = 10;
const COUNT_BUFFER_BYTES = 256 * 1024;

/** The bytes of the last read, marker included, while the handler looks at them: questions about what came just before cost no read then. */
export interface ReadRegion {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Whether [from, to) lies in the region. */
export function holds(region: ReadRegion | null, from: number, to: number): region is ReadRegion {
  return region !== null && from >= region.start && to <= region.start + region.bytes.length;
}

/** The bytes [from, from + length) of a file, fewer at its end: out of the region when it holds them, else read. */
export function bytesAt(file: HeldFile, region: ReadRegion | null, from: number, length: number): Buffer {
  if (holds(region, from, from + length)) {
    return region.bytes.subarray(from - region.start, from - region.start + length);
  }
  return file.read(Buffer.alloc(length), from);
}

/** Line ends in [from, to). */
export function countLineEnds(file: HeldFile, region: ReadRegion | null, from: number, to: number): number {
  let count = 0;
  for (let position = from; position < to;) {
    const bytes = nextBytes(file, region, position, to);
    if (bytes.length === 0) break;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count += 1;
    position += bytes.length;
  }
  return count;
}

/** What the region holds of [from, to) is not read again: mostly that is all but the start of a record that was cut by the read. */
function nextBytes(file: HeldFile, region: ReadRegion | null, from: number, to: number): Buffer {
  if (region !== null && from >= region.start && from < region.start + region.bytes.length) {
    return region.bytes.subarray(from - region.start, to - region.start);
  }
  const until = region !== null && from < region.start ? Math.min(to, region.start) : to;
  return file.read(Buffer.alloc(Math.min(COUNT_BUFFER_BYTES, until - from)), from);
}
