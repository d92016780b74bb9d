import type { FileOpening } from '../domain.ts';
import type { TailGap, TailHandler } from './tail-handler.ts';

/** What was lost before the first byte of a file, where the file itself cannot tell (a spool); null: nothing. */
export type GapBefore = (opening: FileOpening) => TailGap | null;

/** Counts the gaps at each path on their way to the handler. */
export class GapCount {
  readonly handler: TailHandler;
  readonly #gapsAt = new Map<string, number>();

  constructor(handler: TailHandler, gapBefore: GapBefore = () => null) {
    this.handler = {
      openFile: (opening, seen, openedAtMs) => {
        const gap = seen ?? gapBefore(opening);
        const fileId = handler.openFile(opening, gap, openedAtMs);
        if (gap !== null && gap.bytesLost !== 0) this.#gapsAt.set(opening.path, this.at(opening.path) + 1);
        return fileId;
      },
      onChunk: (chunk, file) => {
        handler.onChunk(chunk, file);
      },
      onEnd: (file) => {
        handler.onEnd(file);
      },
    };
  }

  at(path: string): number {
    return this.#gapsAt.get(path) ?? 0;
  }
}
