import type { FileCheckpoint } from '../domain.ts';
import type { Inlet } from '../tailers/inlet.ts';
import type { JournalFollower } from '../tailers/journal-follower.ts';
import type { FileStatus } from '../tailers/tail-handler.ts';
import type { Tailer } from '../tailers/tailer.ts';

/** All that is followed, files and journals alike. Filled in after the ingest, which both need, is there. */
export class FollowedLogs {
  #tailer: Tailer | null = null;
  #journals: readonly JournalFollower[] = [];
  #inlets: readonly Inlet[] = [];

  are(tailer: Tailer, journals: readonly JournalFollower[], inlets: readonly Inlet[]): void {
    this.#tailer = tailer;
    this.#journals = journals;
    this.#inlets = inlets;
  }

  readonly checkpoint = (fileId: number, safeOffset: number): FileCheckpoint | null =>
    this.#first((log) => log.checkpoint(fileId, safeOffset));

  readonly countLines = (fileId: number, from: number, to: number): number | null =>
    this.#first((log) => log.countLines(fileId, from, to));

  /** Of files alone the same list as long as nothing changes (see FileRoster.status). */
  status(): readonly FileStatus[] {
    const files = this.#tailer?.status() ?? [];
    if (this.#journals.length + this.#inlets.length === 0) return files;
    return [
      ...files,
      ...this.#journals.map((journal) => journal.status()),
      ...this.#inlets.flatMap((inlet) => inlet.status()),
    ];
  }

  /** Bytes at a path that are not read yet, the files that were rotated away from it included. */
  lagBytes(path: string): number {
    const files = this.#tailer?.status() ?? [];
    return files.reduce(
      (sum, file) => sum + (file.path === path || file.path.startsWith(`${path}.`) ? file.lagBytes : 0),
      0,
    );
  }

  /** See Tailer.readPast. */
  readPast(ms: number): boolean {
    const journals = this.#journals.every((journal) => {
      const { atEnd, endSeenAtMs, state } = journal.status();
      return state === 'failing' || (atEnd && (endSeenAtMs ?? 0) >= ms);
    });
    return journals && (this.#tailer?.readPast(ms) ?? false);
  }

  #first<T>(ask: (log: Tailer | JournalFollower) => T | null): T | null {
    for (const log of [this.#tailer, ...this.#journals]) {
      const answer = log === null ? null : ask(log);
      if (answer !== null) return answer;
    }
    return null;
  }
}
