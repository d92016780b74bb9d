import { fdatasync, fdatasyncSync } from 'node:fs';
import { codeOf } from '../errors.ts';

/** How long what was written may be in the kernel's hands alone. A disk that takes longer for one go is not asked more often. */
const SYNC_DELAY_MS = 200;

/** Brings what was written to one file after the other onto the disk: soon, beside the writer, one go at a time. */
export class DiskSync {
  readonly #onClean: () => void;
  #descriptor: number | null = null;
  #isDirty = false;
  #isRunning = false;
  #timer: NodeJS.Timeout | null = null;
  #error: Error | null = null;

  /** @param onClean called when all that was written has reached the disk */
  constructor(onClean: () => void) {
    this.#onClean = onClean;
  }

  get isClean(): boolean {
    return !this.#isDirty && !this.#isRunning && this.#error === null;
  }

  /** To be called after a write. */
  wrote(descriptor: number): void {
    this.#descriptor = descriptor;
    this.#isDirty = true;
    this.#schedule();
  }

  /** @throws what the last go failed with, once */
  throwIfFailed(): void {
    const error = this.#error;
    this.#error = null;
    if (error !== null) throw error;
  }

  /** At once, while the caller waits: before the descriptor is closed. @throws any error of fdatasync(2), an earlier one too that nobody was told of */
  finish(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const descriptor = this.#descriptor;
    const isDirty = !this.isClean;
    const earlier = this.#error;
    this.#descriptor = null;
    this.#isDirty = false;
    this.#error = null;
    if (descriptor !== null && isDirty) fdatasyncSync(descriptor);
    if (earlier !== null) throw earlier;
  }

  #schedule(): void {
    if (this.#timer !== null || this.#isRunning) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, SYNC_DELAY_MS).unref();
  }

  #run(): void {
    if (this.#descriptor === null) return;
    this.#isDirty = false;
    this.#isRunning = true;
    fdatasync(this.#descriptor, (error) => {
      this.#isRunning = false;
      // A descriptor that was closed meanwhile was brought to an end by finish().
      if (error !== null && codeOf(error) !== 'EBADF') this.#error = error;
      if (this.#isDirty) this.#schedule();
      else if (this.isClean) this.#onClean();
    });
  }
}
