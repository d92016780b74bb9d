import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PIECE_BYTES, piecesOf } from './pieces.ts';

const MAX_FILES = 5;
const POD = 'kv-0_default';

/** One container of a pod: the runtime writes its file, the kubelet rotates it and makes the link by which logs are found. */
export class PodLog {
  readonly #folder: string;
  readonly #links: string;
  #attempt = 0;
  #descriptor: number;
  #rotations = 0;

  /** @param root what stands for /var/log */
  constructor(root: string) {
    this.#folder = join(root, 'pods', `${POD}_uid`, 'denokv');
    this.#links = join(root, 'containers');
    for (const folder of [this.#folder, this.#links]) mkdirSync(folder, { recursive: true });
    this.#descriptor = this.#start();
  }

  /** The links of this container, whatever its id. */
  get pattern(): string {
    return join(this.#links, `${POD}_denokv-*.log`);
  }

  line(text: string, stream: 'stdout' | 'stderr' = 'stderr'): void {
    for (const [piece, tag] of tagged(text)) this.#write(piece, tag, stream);
  }

  /** A line of several pieces, and what happens after each of them but the last. */
  async cutLine(text: string, after: (piece: number) => unknown): Promise<void> {
    for (const [index, [piece, tag]] of tagged(text).entries()) {
      this.#write(piece, tag, 'stderr');
      if (tag === 'P') await after(index);
    }
  }

  /** Renames the file, asks the runtime to reopen it, then compresses all but the newest of the rotated ones. */
  rotate(): void {
    this.beginRotation();
    this.endRotation();
  }

  /** The runtime still writes into the file that was renamed. */
  beginRotation(): void {
    this.#rotations += 1;
    renameSync(this.#path, this.#rotatedPath);
  }

  endRotation(): void {
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#path, 'a');
    const rotated = readdirSync(this.#folder)
      .filter((name) => name.startsWith(`${String(this.#attempt)}.log.`))
      .sort();
    for (const name of rotated.slice(0, -1)) if (!name.endsWith('.gz')) this.#compress(join(this.#folder, name));
    for (const name of rotated.slice(0, -(MAX_FILES - 1)))
      rmSync(join(this.#folder, `${name.replace(/\.gz$/, '')}.gz`));
  }

  /** The runtime did not answer: the kubelet takes the renaming back. */
  takeBackRotation(): void {
    renameSync(this.#rotatedPath, this.#path);
  }

  /** The container has ended and another one takes its place: a file of its own, under the next number. */
  restart(): void {
    closeSync(this.#descriptor);
    this.#attempt += 1;
    this.#descriptor = this.#start();
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  get #path(): string {
    return join(this.#folder, `${String(this.#attempt)}.log`);
  }

  /** The kubelet's names have the second in them; they are a second apart here too. */
  get #rotatedPath(): string {
    const stamp = new Date(Date.UTC(2026, 10, 23, 10) + this.#rotations * 1000).toISOString();
    return `${this.#path}.${stamp.slice(0, 10).replaceAll('-', '')}-${stamp.slice(11, 19).replaceAll(':', '')}`;
  }

  #start(): number {
    const descriptor = openSync(this.#path, 'a');
    const id = String(this.#attempt).repeat(64);
    symlinkSync(this.#path, join(this.#links, `${POD}_denokv-${id}.log`));
    return descriptor;
  }

  #write(piece: string, tag: string, stream: string): void {
    writeSync(this.#descriptor, `${new Date().toISOString()} ${stream} ${tag} ${piece}\n`);
  }

  #compress(path: string): void {
    writeFileSync(`${path}.tmp`, gzipSync(readFileSync(path)));
    renameSync(`${path}.tmp`, `${path}.gz`);
    rmSync(path);
  }
}

function tagged(text: string): readonly (readonly [piece: string, tag: 'P' | 'F'])[] {
  const pieces = piecesOf(text, PIECE_BYTES);
  return pieces.map((piece, index) => [piece, index < pieces.length - 1 ? 'P' : 'F']);
}
