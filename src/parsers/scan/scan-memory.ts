/**
 * The memory in which scans run, shared by the kernels of all forms: results and a table of runs at its beginning, then bytes that had to be copied
 * into it, then those that were read straight into it.
 */
export const MAX_SCAN_BYTES = 1 << 20;

const PAGE_BYTES = 1 << 16;
const COPY_AT = 4 * PAGE_BYTES;
/** So long may the unfinished line be that is kept before what is read next. */
const HELD_BYTES = 1 << 16;
/** What is read at once, with the line held before it, is scanned at once: of noise nothing else costs as much as the way to the next piece. */
const READ_BYTES = MAX_SCAN_BYTES - HELD_BYTES;
/** Of files that are read side by side: their events wait for one another. */
const OWN_READ_BYTES = 1 << 18;
const SPACE_AT = COPY_AT + MAX_SCAN_BYTES + PAGE_BYTES;
/** A page more than is filled: vectors reach past the end. */
export const SCAN_MEMORY_PAGES = (SPACE_AT + HELD_BYTES + READ_BYTES) / PAGE_BYTES + 1;

/** The little of it that is used: the compiler's own declarations come with a browser's. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

/** Bytes to read a file into: those from `readAt` on are filled by each read, those before hold the line that the last one left unfinished. */
export interface ReadSpace {
  readonly bytes: Buffer;
  readonly readAt: number;
}

export const scanMemory = new WebAssembly.Memory({ initial: SCAN_MEMORY_PAGES });
/** All of it, by address. */
export const scanBytes = Buffer.from(scanMemory.buffer);

const SPACE: ReadSpace = {
  bytes: scanBytes.subarray(SPACE_AT, SPACE_AT + HELD_BYTES + READ_BYTES),
  readAt: HELD_BYTES,
};
let isLent = false;

/**
 * Lends a space to read files into, one at a time, until `release` is called. What is read into it is scanned where it lies, unless somebody else
 * has it: then this is one like any other. `readAt` is the start of a page: to read 400 MB to an odd address takes four times as long (170 ms
 * instead of 42 on an EPYC, Node 20).
 */
export function lendReadSpace(): { readonly space: ReadSpace; readonly release: () => void } {
  if (isLent) return { space: ownReadSpace(), release: () => undefined };
  isLent = true;
  return {
    space: SPACE,
    release: () => {
      isLent = false;
    },
  };
}

/** For a file that is read side by side with others. */
export function ownReadSpace(): ReadSpace {
  return { bytes: Buffer.allocUnsafe(HELD_BYTES + OWN_READ_BYTES), readAt: HELD_BYTES };
}

/** The address of bytes to be scanned, which are copied into the memory unless they lie there; at most MAX_SCAN_BYTES. */
export function placeOf(bytes: Buffer): number {
  if (bytes.buffer === scanMemory.buffer) return bytes.byteOffset;
  bytes.copy(scanBytes, COPY_AT);
  return COPY_AT;
}
