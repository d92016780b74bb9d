import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileOpening } from '../domain.ts';
import { DiskSync } from './disk-sync.ts';
import { SpoolMark } from './spool-mark.ts';
import type { TailGap } from './tail-handler.ts';
import { codeOf } from '../errors.ts';

export interface SpoolOptions {
  readonly path: string;
  readonly maxFileBytes?: number;
  /** Rotated files that are kept, for who wants to look at a line that is cited. */
  readonly keptFiles?: number;
}

const LF = 10;
const MAX_FILE_BYTES = 64 * 2 ** 20;
const KEPT_FILES = 8;
const ROTATED = /^\.\d{13,}$/;

/**
 * An append-only file for what has no offset of its own: a socket's messages, standard input. The ordinary follower reads it, so that
 * rotation, restarts, citations and exactly-once are those of any file. What is written here outlives the process at once, and the power within
 * a fraction of a second; what was handed to whyd and is not that far yet is lost with them: a mark beside the file tells the next start, which
 * records a gap of unknown size.
 */
export class Spool {
  readonly path: string;
  readonly #maxFileBytes: number;
  readonly #keptFiles: number;
  readonly #mark: SpoolMark;
  readonly #sync = new DiskSync(() => {
    if (this.#isLeaving) this.#removeMark();
  });
  #descriptor: number | null = null;
  #sizeBytes = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #isMarked = false;
  /** Nothing is on its way any more: the mark goes as soon as all has reached the disk. */
  #isLeaving = false;
  /** The run before was killed, and nobody has asked for the gap yet. */
  #wasKilled = false;
  #gapInode: string | null = null;
  #rotatedMs = 0;

  constructor({ path, maxFileBytes = MAX_FILE_BYTES, keptFiles = KEPT_FILES }: SpoolOptions) {
    this.path = path;
    this.#mark = new SpoolMark(path);
    this.#maxFileBytes = maxFileBytes;
    this.#keptFiles = keptFiles;
  }

  /** Takes up what an earlier run left. @throws any error of open(2) */
  open(): void {
    if (this.#descriptor !== null) return;
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    let descriptor = this.#openFile();
    if (!this.#mark.isSet) return;
    this.#wasKilled = true;
    this.#isMarked = true;
    // The gap stands before the first byte of a file: what comes from now on begins a new one.
    if (this.#sizeBytes > 0) descriptor = this.#rotate();
    this.#gapInode = String(fstatSync(descriptor, { bigint: true }).ino);
  }

  /** The gap before a file of this spool: the run before was killed while something was on its way. */
  gapBefore({ path, identity, generation }: FileOpening): TailGap | null {
    if (path !== this.path || generation !== 0 || identity.ino !== this.#gapInode) return null;
    this.#wasKilled = false;
    return { reason: 'killed_while_receiving', bytesLost: null };
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Whoever sends is connected: from now on a kill may lose something. */
  mark(): void {
    this.#isLeaving = false;
    if (this.#isMarked) return;
    this.#mark.set();
    this.#isMarked = true;
  }

  /** Nothing is on its way any more. */
  unmark(): void {
    if (!this.#isMarked || this.#wasKilled || this.#pendingBytes > 0) return;
    this.#isLeaving = true;
    if (this.#sync.isClean) this.#removeMark();
  }

  append(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  /** Writes what was appended. @throws any error of write(2) and fdatasync(2): what was not written is held, and written by a later call. */
  flush(): void {
    this.#sync.throwIfFailed();
    for (let bytes = this.#pending[0]; bytes !== undefined; bytes = this.#pending[0]) {
      const lineEnd = this.#sizeBytes + bytes.length < this.#maxFileBytes ? -1 : bytes.lastIndexOf(LF);
      const written = this.#write(lineEnd < 0 ? bytes : bytes.subarray(0, lineEnd + 1));
      this.#pendingBytes -= written;
      if (written === bytes.length) this.#pending.shift();
      else this.#pending[0] = bytes.subarray(written);
      if (lineEnd >= 0 && written === lineEnd + 1) this.#rotate();
    }
  }

  /** What was written is on the disk then. Idempotent. @throws any error of fdatasync(2); the file is closed all the same */
  close(): void {
    if (this.#descriptor === null) return;
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    try {
      this.#sync.finish();
      if (this.#isLeaving) this.#removeMark();
    } finally {
      closeSync(descriptor);
    }
  }

  #removeMark(): void {
    this.#isLeaving = false;
    this.#mark.remove();
    this.#isMarked = false;
  }

  #write(bytes: Buffer): number {
    const descriptor = this.#descriptor ?? this.#openFile();
    const written = writeSync(descriptor, bytes);
    this.#sizeBytes += written;
    this.#sync.wrote(descriptor);
    return written;
  }

  #openFile(): number {
    const descriptor = openSync(this.path, 'a+', 0o600);
    this.#descriptor = descriptor;
    this.#sizeBytes = fstatSync(descriptor).size;
    const last = Buffer.alloc(1);
    // The writer was killed within a line: what comes now is not its end.
    if (this.#sizeBytes > 0 && readSync(descriptor, last, 0, 1, this.#sizeBytes - 1) === 1 && last[0] !== LF) {
      this.#sizeBytes += writeSync(descriptor, '\n');
    }
    return descriptor;
  }

  #rotate(): number {
    this.close();
    this.#rotatedMs = Math.max(Date.now(), this.#rotatedMs + 1);
    renameSync(this.path, `${this.path}.${String(this.#rotatedMs)}`);
    const descriptor = this.#openFile();
    const folder = dirname(this.path);
    const isRotated = (name: string): boolean =>
      name.startsWith(basename(this.path)) && ROTATED.test(name.slice(basename(this.path).length));
    const names = readdirSync(folder).filter(isRotated).sort();
    for (const name of names.slice(0, Math.max(0, names.length - this.#keptFiles))) remove(join(folder, name));
    return descriptor;
  }
}

function remove(path: string): void {
  try {
    rmSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
