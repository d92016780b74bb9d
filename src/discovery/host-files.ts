import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';

/** The files below a root: of this host `/`, in tests a folder that stands for one. What may not be read is as if it were not there, and counted. */
export class HostFiles {
  readonly #root: string;
  readonly #denied = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** What was met and may not be read by this user. */
  get denied(): readonly string[] {
    return [...this.#denied];
  }

  /** The real path of one that is absolute on the host. */
  at(path: string): string {
    return path.startsWith(this.#root) ? path : join(this.#root, path);
  }

  /** Names in a folder, sorted; none where there is no such folder. */
  list(folder: string): readonly string[] {
    return this.#try(folder, () => readdirSync(this.at(folder)).sort()) ?? [];
  }

  /** The folders and files that a pattern names; a `*` stands for a part of one name. */
  match(pattern: string): readonly string[] {
    let paths = ['/'];
    for (const part of pattern.split('/').filter((one) => one !== '')) {
      paths = paths.flatMap((folder) => {
        if (!part.includes('*')) return this.exists(join(folder, part)) ? [join(folder, part)] : [];
        const wanted = new RegExp(`^${part.split('*').map(escapeRegExp).join('.*')}$`);
        return this.list(folder).flatMap((name) => (wanted.test(name) ? [join(folder, name)] : []));
      });
    }
    return paths;
  }

  exists(path: string): boolean {
    return this.#try(path, () => statSync(this.at(path))) !== null;
  }

  /** The text of a small file; null where there is none that can be read. */
  text(path: string): string | null {
    return this.#try(path, () => {
      const { size } = statSync(this.at(path));
      return size > MAX_CONF_BYTES ? null : readFileSync(this.at(path), 'utf8');
    });
  }

  /** The newest part of a log, as bytes; null where it cannot be read. */
  end(path: string): string | null {
    return this.#try(path, () => {
      const file = openSync(this.at(path), 'r');
      try {
        const { size } = statSync(this.at(path));
        const bytes = Buffer.alloc(Math.min(size, PEEK_BYTES));
        const count = readSync(file, bytes, 0, bytes.length, size - bytes.length);
        return bytes.toString('latin1', 0, count);
      } finally {
        closeSync(file);
      }
    });
  }

  #try<T>(path: string, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EACCES' || code === 'EPERM') this.#denied.add(path);
      return null;
    }
  }
}

const MAX_CONF_BYTES = 2 ** 20;
const PEEK_BYTES = 2 ** 18;

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
