import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file beside a spool that is there while something is on its way to it: a run that finds it was preceded by one that was killed, or lost its power. */
export class SpoolMark {
  readonly #path: string;

  constructor(spoolPath: string) {
    this.#path = `${spoolPath}.receiving`;
  }

  get isSet(): boolean {
    return existsSync(this.#path);
  }

  /** On the disk when it returns: else the power could go with it and with what it stands for. */
  set(): void {
    sync(openSync(this.#path, 'w', 0o600));
    sync(openSync(dirname(this.#path), 'r'));
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}

function sync(descriptor: number): void {
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
