import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';

interface Listed {
  /** In the order of their code units. */
  readonly names: readonly string[];
  readonly links: ReadonlySet<string>;
}

const EMPTY: Listed = { names: [], links: new Set() };

function list(folder: string): Listed {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const links = entries.filter((entry) => entry.isSymbolicLink());
    return { names: entries.map(({ name }) => name).sort(), links: new Set(links.map(({ name }) => name)) };
  } catch {
    return EMPTY; // The folder was there a moment ago; the next scan says what became of it.
  }
}

/** Lists folders once a scan, because a thousand logs may lie in one. */
export class FolderListing {
  readonly #folders = new Map<string, Listed>();

  names(folder: string): readonly string[] {
    return this.#of(folder).names;
  }

  startingWith(folder: string, start: string): readonly string[] {
    const { names } = this.#of(folder);
    let [low, high] = [0, names.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((names[middle] ?? '') < start) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (names[end]?.startsWith(start) === true) end += 1;
    return names.slice(low, end);
  }

  /** The file that a link leads to; a path that is no link, or leads nowhere, stays as it is. */
  realPath(path: string): string {
    if (!this.#of(dirname(path)).links.has(basename(path))) return path;
    try {
      return realpathSync(path);
    } catch {
      return path;
    }
  }

  #of(folder: string): Listed {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const listed = list(folder);
    this.#folders.set(folder, listed);
    return listed;
  }
}
