import { watch } from 'chokidar';
import type { FSWatcher } from 'chokidar';

/**
 * Hints that something moved in a folder. Nothing depends on them: a watcher is silent about the last write of a burst, about new files at
 * a watched name and about links that are retargeted, so polling goes on, and without a watcher whyd is only slower.
 */
export class WakeUps {
  readonly #onWake: (path: string, namesMoved: boolean) => void;
  readonly #folders = new Set<string>();
  #wanted: ReadonlySet<string> = new Set();
  #watcher: FSWatcher | null = null;
  #isSound = true;
  /** Files that were written to without a word: on a network's file system, or behind a link. */
  readonly #silent = new Set<string>();

  /** @param onWake called with true when the name came or went, false when only bytes did */
  constructor(onWake: (path: string, namesMoved: boolean) => void) {
    this.#onWake = onWake;
  }

  /** Watches these folders, and in them only these files: a crowded folder must not cost a watch for each file in it. */
  cover(folders: Iterable<string>, files: Iterable<string>): void {
    const added = [...folders].filter((folder) => !this.#folders.has(folder));
    const before = this.#wanted;
    this.#wanted = new Set(files);
    for (const path of this.#silent) if (!this.#wanted.has(path)) this.#silent.delete(path);
    const appeared = [...this.#wanted].filter((file) => !before.has(file));
    for (const folder of added) this.#folders.add(folder);
    if (added.length + appeared.length === 0) return;
    this.#watcher ??= this.#open();
    this.#watcher.add([...added, ...appeared]);
  }

  /** Whether a hint can be counted on, as far as is known. */
  isWatched(path: string): boolean {
    return this.#isSound && this.#watcher !== null && this.#wanted.has(path) && !this.#silent.has(path);
  }

  /** There should have been a hint of this file, and none came. */
  missed(path: string): void {
    this.#silent.add(path);
  }

  async close(): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = null;
    await watcher?.close();
  }

  #open(): FSWatcher {
    const watcher = watch([], {
      ignoreInitial: true,
      depth: 0,
      // `atomic` hides a rotation and `awaitWriteFinish` starves on a file that keeps growing: both stay off.
      atomic: false,
      ignored: (path, stats) => stats?.isFile() === true && !this.#wanted.has(path),
    });
    watcher.on('all', (event, path) => {
      this.#silent.delete(path);
      this.#onWake(path, event !== 'change');
    });
    // Out of watches or of descriptors: polling carries on alone.
    watcher.on('error', () => {
      this.#isSound = false;
    });
    return watcher;
  }
}
