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

  /** @param onWake called with true when the name came or went, false when only bytes did */
  constructor(onWake: (path: string, namesMoved: boolean) => void) {
    this.#onWake = onWake;
  }

  /** Watches these folders, and in them only these files: a crowded folder must not cost a watch for each file in it. */
  cover(folders: Iterable<string>, files: Iterable<string>): void {
    const added = [...folders].filter((folder) => !this.#folders.has(folder));
    const before = this.#wanted;
    this.#wanted = new Set(files);
    const appeared = [...this.#wanted].filter((file) => !before.has(file));
    for (const folder of added) this.#folders.add(folder);
    if (added.length + appeared.length === 0) return;
    this.#watcher ??= this.#open();
    this.#watcher.add([...added, ...appeared]);
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
      this.#onWake(path, event !== 'change');
    });
    // Out of watches or of descriptors: polling carries on alone.
    watcher.on('error', () => undefined);
    return watcher;
  }
}
