import { closeSync, existsSync, openSync, renameSync, rmSync, writeFileSync, writeSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PIECE_BYTES, piecesOf } from './pieces.ts';

export interface DockerLogOptions {
  readonly maxBytes: number;
  /** With 1, dockerd's own default, the file is emptied in place. */
  readonly maxFiles: number;
  readonly compress?: boolean;
}

/** Writes as dockerd's json-file driver does: a record a piece of a line, and a look at the size before each. */
export class DockerLog {
  readonly #path: string;
  readonly #options: DockerLogOptions;
  #descriptor: number;
  #sizeBytes = 0;
  rotations = 0;

  constructor(path: string, options: DockerLogOptions) {
    this.#path = path;
    this.#options = options;
    this.#descriptor = openSync(path, 'a');
  }

  line(text: string, stream: 'stdout' | 'stderr' = 'stderr'): void {
    for (const piece of piecesOf(`${text}\n`, PIECE_BYTES)) {
      if (this.#sizeBytes >= this.#options.maxBytes) this.#rotate();
      const record = JSON.stringify({ log: piece, stream, time: new Date().toISOString() });
      this.#sizeBytes += writeSync(this.#descriptor, `${record}\n`);
    }
  }

  /** How many records of a size go into the file before it is rotated. */
  recordsLeft(bytes: number): number {
    return Math.max(1, Math.ceil((this.#options.maxBytes - this.#sizeBytes) / bytes));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #rotate(): void {
    const { maxFiles, compress = false } = this.#options;
    const ending = compress ? '.gz' : '';
    const numbered = (number: number): string => `${this.#path}.${String(number)}${ending}`;
    closeSync(this.#descriptor);
    if (maxFiles > 1) {
      rmSync(numbered(maxFiles - 1), { force: true });
      for (let number = maxFiles - 1; number > 1; number -= 1)
        if (existsSync(numbered(number - 1))) renameSync(numbered(number - 1), numbered(number));
      renameSync(this.#path, `${this.#path}.1`);
    }
    this.#descriptor = openSync(this.#path, 'w');
    this.#sizeBytes = 0;
    this.rotations += 1;
    if (maxFiles === 1 || !compress) return;
    writeFileSync(numbered(1), gzipSync(readFileSync(`${this.#path}.1`)));
    rmSync(`${this.#path}.1`);
  }
}
