import { statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { FileIdentity, SourceKind } from '../domain.ts';
import { identityOf } from './file-identity.ts';
import { IS_A_DIRECTORY, NOT_A_FILE, troubleOf } from './io-trouble.ts';
import type { Trouble } from './io-trouble.ts';
import { olderFirst } from './older-first.ts';
import { isPointer, patternOf } from './postgres-pointer.ts';

/** One entry of the configuration: files and globs that hold one kind of log. */
export interface TailSource {
  readonly kind: SourceKind;
  readonly paths: readonly string[];
}

/** A real file at a path, as a scan saw it. */
export interface FoundFile {
  readonly kind: SourceKind;
  /** To which it belongs: the very object that was given. */
  readonly source: TailSource;
  readonly path: string;
  readonly identity: FileIdentity;
  readonly mtimeNs: bigint;
  readonly sizeBytes: number;
  /** When it was written to last, wall clock. */
  readonly modifiedMs: number;
  /** When the file was created, wall clock. */
  readonly bornMs: number;
}

/** A path or glob of the configuration at which there is nothing to follow, and why. */
export interface VacantPath {
  readonly kind: SourceKind;
  readonly path: string;
  readonly trouble: Trouble;
}

export interface Discovery {
  /** Older files first. */
  readonly found: readonly FoundFile[];
  readonly vacant: readonly VacantPath[];
  /** Compressed files under the names that are followed, older first: for back-fill. */
  readonly archives: readonly FoundFile[];
}

const GZIP = '.gz';
const COMPRESSED = /\.(?:gz|bz2|xz|zst|lz4|zip)$/;

const NO_MATCH: Trouble = {
  state: 'waiting',
  reason: 'no file matches yet',
  hint: 'check the pattern, or start the program that writes the log',
};

const NO_POINTER: Trouble = {
  state: 'waiting',
  reason: 'Postgres has not said where it logs',
  hint: 'start the server with logging_collector = on, or name its log files instead',
};

function statOrTrouble(path: string): BigIntStats | Trouble {
  try {
    const stats = statSync(path, { bigint: true });
    if (stats.isFile()) return stats;
    return stats.isDirectory() ? IS_A_DIRECTORY : NOT_A_FILE;
  } catch (error) {
    return troubleOf(error);
  }
}

/** Looks at one path. Symbolic links are followed: a link that is pointed at another file is another file. */
export function lookAt(source: TailSource, path: string): FoundFile | VacantPath {
  const { kind } = source;
  const stats = statOrTrouble(path);
  if ('reason' in stats) return { kind, path, trouble: stats };
  return {
    kind,
    source,
    path,
    identity: identityOf(stats),
    mtimeNs: stats.mtimeNs,
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeMs),
    bornMs: Number(stats.birthtimeMs),
  };
}

const MAY_BE_DYNAMIC = /[\\*?[\]{}()!+@|]/;

/** The part of a pattern that is a folder's name. Seen from there a thousand names are matched in a quarter of the time. */
function literalFolder(pattern: string): string {
  const parts = dirname(pattern).split(sep);
  const dynamicAt = parts.findIndex((part) => MAY_BE_DYNAMIC.test(part));
  return parts.slice(0, dynamicAt < 0 ? parts.length : dynamicAt).join(sep) || sep;
}

/** A name with brackets in it may be a file's real name, so an existing file wins over the pattern that its name would be. */
async function expand(source: TailSource, path: string): Promise<readonly (FoundFile | VacantPath)[]> {
  if (isPointer(path)) return expandPointer(source, path);
  const literal = lookAt(source, path);
  if ('identity' in literal || !isDynamicPattern(path)) return [literal];
  const patterns = path.endsWith(GZIP) ? [path] : [path, `${path}${GZIP}`];
  const names = await glob(patterns, { cwd: literalFolder(path), absolute: true, dot: true, expandDirectories: false });
  const files = names
    .filter((name) => name.endsWith(GZIP) || !COMPRESSED.test(name))
    .map((name) => lookAt(source, name));
  const isVacant = files.every((file) => file.path.endsWith(GZIP)) && !path.endsWith(GZIP);
  return isVacant ? [...files, { kind: source.kind, path, trouble: NO_MATCH }] : files;
}

/** Patterns that pointers led to last: a pointer that is being rewritten leads there still. */
const lastPatterns = new Map<string, string>();

async function expandPointer(source: TailSource, path: string): Promise<readonly (FoundFile | VacantPath)[]> {
  const { kind } = source;
  try {
    const pattern = patternOf(path) ?? lastPatterns.get(path);
    if (pattern === undefined) return [{ kind, path, trouble: NO_POINTER }];
    lastPatterns.set(path, pattern);
    return await expand(source, pattern);
  } catch (error) {
    return [{ kind, path, trouble: troubleOf(error) }];
  }
}

/** Finds the files of all sources. A path that several match belongs to the one that names it, else to the first. */
export async function discover(sources: readonly TailSource[]): Promise<Discovery> {
  const seen = new Map<string, FoundFile | VacantPath>();
  const named = new Set<string>();
  for (const source of sources) {
    for (const path of source.paths.map((one) => resolve(one))) {
      for (const entry of await expand(source, path)) {
        const isNamed = entry.path === path && !named.has(path);
        if (isNamed) named.add(path);
        if (isNamed || !seen.has(entry.path)) seen.set(entry.path, entry);
      }
    }
  }
  const entries = [...seen.values()];
  const files = olderFirst(entries.filter((entry) => 'identity' in entry));
  return {
    found: files.filter(({ path }) => !path.endsWith(GZIP)),
    archives: files.filter(({ path }) => path.endsWith(GZIP)),
    vacant: entries.filter((entry) => 'trouble' in entry),
  };
}
