import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The calls by which a reader learns something of the file system. */
const LOOKS = ['statSync', 'fstatSync', 'readdirSync', 'realpathSync', 'openSync', 'readSync'] as const;

/**
 * Runs `work` and calls `before` ahead of each of its looks at the file system: whatever others may do between two system calls can be done
 * there. What `before` itself does is not looked into; what it throws, the call throws.
 */
export async function interposed(before: (call: string) => void, work: () => Promise<void>): Promise<void> {
  const originals = new Map<string, unknown>(LOOKS.map((name) => [name, fs[name]]));
  let isInside = false;
  const interpose = (name: string, look: unknown): unknown => {
    if (typeof look !== 'function') throw new Error(`node:fs has no ${name}`);
    return (...given: unknown[]): unknown => {
      if (!isInside) {
        isInside = true;
        try {
          before(name);
        } finally {
          isInside = false;
        }
      }
      return Reflect.apply(look, fs, given) as unknown;
    };
  };
  for (const [name, look] of originals) Object.assign(fs, { [name]: interpose(name, look) });
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    for (const [name, look] of originals) Object.assign(fs, { [name]: look });
    syncBuiltinESMExports();
  }
}
