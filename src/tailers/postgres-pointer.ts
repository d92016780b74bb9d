import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { escapePath } from 'tinyglobby';
import { codeOf } from '../errors.ts';

/** The file in which Postgres' logging collector says where it writes; it is rewritten at each rotation. */
const POINTER_NAME = 'current_logfiles';

/** Formats as the pointer names them, the fullest first: a server may write several, and one of them is enough. */
const FORMATS: readonly string[] = ['jsonlog', 'csvlog', 'stderr'];

export function isPointer(path: string): boolean {
  return basename(path) === POINTER_NAME;
}

/**
 * The pattern of all files that the collector writes in the format it names: the one in use, those before it and those to come. Null while
 * the pointer is missing, or half written.
 * @throws any error of open(2) but a missing file
 */
export function patternOf(pointer: string): string | null {
  const targets = new Map(
    readPointer(pointer)
      .split('\n')
      .flatMap((line): [string, string][] => {
        const [, format, file] = /^(\w+) (.+)$/.exec(line) ?? [];
        return format === undefined || file === undefined ? [] : [[format, file]];
      }),
  );
  const target = FORMATS.flatMap((format) => targets.get(format) ?? [])[0];
  if (target === undefined || extname(target) === '') return null;
  const file = resolve(dirname(pointer), target);
  return join(escapePath(dirname(file)), `*${extname(file)}`);
}

/** Whole lines only: what has no end is still being written. */
function readPointer(pointer: string): string {
  try {
    const text = readFileSync(pointer, 'utf8');
    return text.slice(0, text.lastIndexOf('\n') + 1);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}
