import { dirname } from 'node:path';
import type { Chunk, FileCheckpoint, FileIdentity, FileOpening } from '../../src/domain.ts';
import type { CheckpointLookup } from '../../src/tailers/file-checkpoint.ts';
import type { FollowedFile, TailGap, TailHandler } from '../../src/tailers/tail-handler.ts';

type TakeCheckpoint = (fileId: number, safeOffset: number) => FileCheckpoint | null;

interface OpenLine {
  /** Offset at which the unfinished line begins: the safe offset. */
  start: number;
  bytes: Buffer;
}

function key(identity: FileIdentity, generation: number): string {
  return [identity.dev, identity.ino, identity.birthtimeNs, generation].join(':');
}

/**
 * Stands in for the daemon and its index: cuts chunks into lines, keeps a line by (file id, offset) as the index does, and stores the safe
 * offset with each chunk. What is kept survives a restart; unfinished lines do not.
 */
export class Ledger implements TailHandler, CheckpointLookup {
  readonly gaps: (TailGap & { readonly file: FileOpening })[] = [];
  readonly ended: number[] = [];
  readonly chunks: { fileId: number; byteStart: number; length: number; startsGeneration: boolean }[] = [];
  readonly openings: FileOpening[] = [];
  /** Lines in the order of their first arrival. */
  readonly #lines = new Map<string, string>();
  readonly #ids = new Map<string, number>();
  readonly #openedAt = new Map<string, number>();
  readonly #checkpoints = new Map<number, FileCheckpoint>();
  readonly #open = new Map<number, OpenLine>();
  /** Throws this at whatever it is told, until unset. */
  refuse: Error | null = null;
  /** Throws at each chunk of this file. */
  refuseFile: number | null = null;
  /** Stores the next chunk and throws all the same, once: a process that was killed between the commit and the return from it. */
  dieAfterCommit = false;
  repeats = 0;
  takeCheckpoint: TakeCheckpoint = () => null;

  get lines(): readonly string[] {
    return [...this.#lines.values()];
  }

  restart(): void {
    this.#open.clear();
  }

  openFile(opening: FileOpening, gap: TailGap | null, openedAtMs: number | null): number {
    if (this.refuse !== null) throw this.refuse;
    if (gap !== null) this.gaps.push({ ...gap, file: opening });
    const name = key(opening.identity, opening.generation);
    const id = this.#ids.get(name) ?? this.#ids.size + 1;
    if (!this.#ids.has(name)) {
      if (openedAtMs !== null) this.#openedAt.set(name, openedAtMs);
      this.openings.push(opening);
      this.#checkpoints.set(id, {
        ...opening.identity,
        path: opening.path,
        generation: opening.generation,
        offset: 0,
        headHash: '',
        headBytes: 0,
        markerHash: '',
        markerBytes: 0,
      });
    }
    this.#ids.set(name, id);
    return id;
  }

  onChunk(chunk: Chunk): void {
    if (this.refuse !== null) throw this.refuse;
    if (chunk.fileId === this.refuseFile) throw new Error('this file is refused');
    const { fileId, byteStart, bytes, startsGeneration } = chunk;
    this.chunks.push({ fileId, byteStart, length: bytes.length, startsGeneration });
    const open = this.#open.get(fileId) ?? { start: byteStart, bytes: Buffer.alloc(0) };
    if (open.start + open.bytes.length !== byteStart) throw new Error('a chunk does not follow the one before it');
    let rest = Buffer.concat([open.bytes, bytes]);
    let { start } = open;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      this.#keep(fileId, start, rest.toString('utf8', 0, end));
      rest = rest.subarray(end + 1);
      start += end + 1;
    }
    this.#open.set(fileId, { start, bytes: rest });
    const checkpoint = this.takeCheckpoint(fileId, start);
    if (checkpoint !== null) this.#checkpoints.set(fileId, checkpoint);
    if (!this.dieAfterCommit) return;
    this.dieAfterCommit = false;
    throw new Error('killed');
  }

  onEnd(file: FollowedFile): void {
    if (this.refuse !== null) throw this.refuse;
    this.ended.push(file.fileId);
    const open = this.#open.get(file.fileId);
    if (open !== undefined && open.bytes.length > 0) this.#keep(file.fileId, open.start, open.bytes.toString());
    this.#open.delete(file.fileId);
  }

  byIdentity(identity: FileIdentity): FileCheckpoint | null {
    return this.generations(identity)[0] ?? null;
  }

  generations(identity: FileIdentity): FileCheckpoint[] {
    const generations = [...this.#checkpoints.values()].filter((one) => key(one, 0) === key(identity, 0));
    return generations.sort((a, b) => b.generation - a.generation);
  }

  openedAtMs(checkpoint: FileCheckpoint): number | null {
    return this.#openedAt.get(key(checkpoint, checkpoint.generation)) ?? null;
  }

  inFolder(folder: string): readonly FileCheckpoint[] {
    return [...this.#checkpoints.values()].filter(({ path }) => dirname(path) === folder).reverse();
  }

  byPath(path: string): FileCheckpoint | null {
    const here = [...this.#checkpoints].filter(([id, one]) => one.path === path && !this.ended.includes(id));
    return here.at(-1)?.[1] ?? null;
  }

  #keep(fileId: number, start: number, line: string): void {
    const name = `${String(fileId)}@${String(start)}`;
    if (this.#lines.has(name)) this.repeats += 1;
    this.#lines.set(name, line);
  }
}
