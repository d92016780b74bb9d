import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';
import { temporaryFolder } from './samples.ts';

export interface FreshIndex {
  readonly index: WhydIndex;
  /** Of its file. */
  readonly path: string;
  /** Opens it anew, once it was closed. */
  reopen(): void;
}

/** An index of its own for each test of a file, in a folder that goes with it. */
export function freshIndex(): FreshIndex {
  let folder: ReturnType<typeof temporaryFolder>;
  let path: string;
  let index: WhydIndex;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder.path, 'whyd.db');
    index = openIndex(path);
  });
  afterEach(() => {
    index.close();
    folder.remove();
  });
  return {
    get index() {
      return index;
    },
    get path() {
      return path;
    },
    reopen: () => {
      index = openIndex(path);
    },
  };
}
