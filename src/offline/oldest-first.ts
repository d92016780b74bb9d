import { beginningOf, type Reader } from '../parse.ts';

/** What is looked at of a log: enough to tell its form and its first times. */
const BEGINNING_BYTES = 64 * 1024;
/** `denokv.log.3` is older than `denokv.log.1`, and both than `denokv.log`. */
const ROTATION = /\.(\d{1,4})(?:\.gz)?$/;

interface Beginning {
  readonly path: string;
  /** The first time printed, and the last one near it; minus infinity where none is. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly rotation: number;
}

/**
 * The same logs, the older ones first, by the times that they begin with. Within one printed second only the order of the lines tells what came first, and a
 * rotation may fall into it; the order in which a shell names the files (`denokv.log denokv.log.1`) is the wrong way round.
 */
export async function oldestFirst(paths: readonly string[], reader: Reader): Promise<readonly string[]> {
  if (paths.length < 2) return paths;
  const beginnings: Beginning[] = [];
  for (const path of paths) beginnings.push(await lookAt(path, reader));
  return beginnings
    .sort(
      (a, b) =>
        difference(a, b, 'fromUs') ||
        difference(a, b, 'toUs') ||
        difference(b, a, 'rotation') ||
        // Dates in names count upwards; times of modification are those of a copy.
        Number(a.path > b.path) - Number(a.path < b.path),
    )
    .map(({ path }) => path);
}

async function lookAt(path: string, reader: Reader): Promise<Beginning> {
  const events = await beginningOf(path, BEGINNING_BYTES, reader);
  const times = events.flatMap(({ at }) => (at === null ? [] : at.us));
  return {
    path,
    fromUs: times[0] ?? -Infinity,
    toUs: times.at(-1) ?? -Infinity,
    rotation: Number(ROTATION.exec(path)?.[1] ?? 0),
  };
}

function difference(a: Beginning, b: Beginning, key: Exclude<keyof Beginning, 'path'>): number {
  // Two infinities have no difference.
  return a[key] === b[key] ? 0 : a[key] - b[key];
}
