import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileIdentity } from '../domain.ts';
import { codeOf, WhydError } from '../errors.ts';
import { heldKey, identityOf } from './file-identity.ts';
import { unpackedPlace } from './unpacked-files.ts';

export interface HeldStats {
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  /** No name leads to the file any more. */
  readonly unlinked: boolean;
}

/** One physical file and its descriptor, which outlives the name. Reads are positional, so nobody shares a file offset. */
export class HeldFile {
  readonly #identity: FileIdentity;
  #descriptor: number | null = null;

  constructor(identity: FileIdentity) {
    this.#identity = identity;
  }

  get isOpen(): boolean {
    return this.#descriptor !== null;
  }

  /**
   * Opens the file by a name it was just seen under; of an archive, its content. O_NONBLOCK: if a pipe took the name meanwhile, the open must not hang.
   * @throws any error of open(2), or `tail.replaced` when another file has taken the name; the next scan finds that one.
   */
  open(path: string): void {
    const unpacked = unpackedPlace(this.#identity);
    const descriptor = openSync(unpacked ?? path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (unpacked === null) this.#check(descriptor);
      this.#descriptor = descriptor;
    } finally {
      // A stale handle of a network mount opens, and answers nothing: it is tried again and again.
      if (this.#descriptor !== descriptor) closeSync(descriptor);
    }
  }

  #check(descriptor: number): void {
    const opened = identityOf(fstatSync(descriptor, { bigint: true }));
    if (heldKey(opened) !== heldKey(this.#identity)) {
      throw new WhydError('tail.replaced', 'another file took this name');
    }
  }

  stats(): HeldStats {
    const stats = this.#guard((descriptor) => fstatSync(descriptor, { bigint: true }));
    return { sizeBytes: Number(stats.size), mtimeNs: stats.mtimeNs, unlinked: stats.nlink === 0n };
  }

  /** Reads at `position` into the whole of `into`; returns the bytes that came, fewer at the end of the file. */
  read(into: Buffer, position: number): Buffer {
    const length = this.#guard((descriptor) => readSync(descriptor, into, 0, into.length, position));
    return into.subarray(0, length);
  }

  close(): void {
    if (this.#descriptor === null) return;
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    closeSync(descriptor);
  }

  /** A stale handle of a network mount never heals: only a new descriptor does. */
  #guard<T>(work: (descriptor: number) => T): T {
    if (this.#descriptor === null) throw new WhydError('tail.closed', 'the file is not open');
    try {
      return work(this.#descriptor);
    } catch (error) {
      if (codeOf(error) === 'ESTALE') this.close();
      throw error;
    }
  }
}
