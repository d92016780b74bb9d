import { rotatedEarlier, rotatedFrom } from './rotated-names.ts';

interface NamedFile {
  readonly path: string;
  readonly mtimeNs: bigint;
}

const COMPRESSED = /\.gz$/;

/**
 * The same files, so that a log is read in the order in which it was written: what was rotated from one path by its name, since a copy may have the time
 * of the copying; logs among themselves by when they were written to last, then by name.
 */
export function olderFirst<File extends NamedFile>(files: readonly File[]): readonly File[] {
  const logs = new Map<string, { readonly file: File; readonly suffix: string }[]>();
  for (const file of [...files].sort(byTime)) {
    const path = file.path.replace(COMPRESSED, '');
    const current = rotatedFrom(path) ?? path;
    const log = logs.get(current) ?? [];
    log.push({ file, suffix: path.slice(current.length) });
    // The one that was written to last goes last.
    logs.delete(current);
    logs.set(current, log);
  }
  return [...logs.values()]
    .flatMap((log) =>
      log.sort((a, b) => compare(a.suffix === '', b.suffix === '') || rotatedEarlier(a.suffix, b.suffix)),
    )
    .map(({ file }) => file);
}

function byTime(a: NamedFile, b: NamedFile): number {
  return compare(a.mtimeNs, b.mtimeNs) || compare(a.path, b.path);
}

function compare<Value extends boolean | bigint | string>(a: Value, b: Value): number {
  return Number(a > b) - Number(a < b);
}
