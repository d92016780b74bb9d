import { closeSync, openSync, readSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Chunk } from '../domain.ts';
import { codeOf, EXIT, WhydError } from '../errors.ts';
import { isGzip, isTruncation } from './gzip-signs.ts';
import type { ReadSpace } from '../parsers/scan/scan-memory.ts';

/** The name by which the command line means standard input. */
export const STDIN = '-';
const LF = 0x0a;
/** So often the event loop gets its turn while a file is read. */
const READS_PER_TURN = 4;

/** What is known of a log before it is read. */
export interface LogFileFacts {
  /** Null where it cannot be known: stdin, pipes, compressed files. */
  readonly sizeBytes: number | null;
  /** When it was last written to; null where it cannot be known. */
  readonly modifiedMs: number | null;
}

/** Says what is wrong with a path before anything is read, so that a typo in the last of ten names costs no wait. */
export async function checkLogFile(path: string): Promise<LogFileFacts> {
  if (path === STDIN) return { sizeBytes: null, modifiedMs: null };
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory()) {
    throw new WhydError('input.is_directory', `${path} is a directory, not a log`, {
      hint: `name the files in it, for example ${path.replace(/\/$/, '')}/*.log`,
      exitCode: EXIT.usage,
    });
  }
  // How much a packed file holds shows only when it has been unpacked.
  const isKnown = found.isFile() && !path.endsWith('.gz');
  return { sizeBytes: isKnown ? found.size : null, modifiedMs: found.isFile() ? found.mtimeMs : null };
}

/**
 * Reads a whole log from its beginning; gzip is known by its first bytes, whatever the name says. Offsets count unpacked bytes.
 * @param space what the file is read into, piece by piece: who keeps bytes copies them, and nobody else reads into it meanwhile
 * @param onDamage told what is wrong with a packed file that breaks off; what could be unpacked has been handed out by then.
 */
export async function* readLogFile(
  path: string,
  fileId: number,
  space: ReadSpace,
  onDamage: (reason: string) => void,
): AsyncGenerator<Chunk> {
  const raw: AsyncIterable<Buffer> = path === STDIN ? (process.stdin as AsyncIterable<Buffer>) : readFile(path, space);
  let byteStart = 0;
  try {
    for await (const bytes of unpacked(raw)) {
      yield { fileId, byteStart, bytes, startsGeneration: byteStart === 0 };
      byteStart += bytes.length;
    }
  } catch (error) {
    if (byteStart === 0 || !isTruncation(error)) throw unreadable(path, error);
    onDamage(reasonOf(path, error).message);
  }
}

/**
 * Reads into one buffer that is used again for each piece. Synchronous on purpose: a stream hands each piece to another thread and back and
 * allocates it anew, which takes longer than to look at each byte of it. A piece ends with a line wherever it can: the rest stays for the next.
 */
async function* readFile(path: string, { bytes, readAt }: ReadSpace): AsyncGenerator<Buffer> {
  const file = openSync(path, 'r');
  try {
    let held = 0;
    for (let reads = 1; ; reads++) {
      const end = readAt + readSync(file, bytes, readAt, bytes.length - readAt, null);
      if (end === readAt) {
        if (held > 0) yield bytes.subarray(readAt - held, readAt);
        return;
      }
      const lastLineEnd = bytes.lastIndexOf(LF, end - 1) + 1;
      const cut = lastLineEnd > readAt && end - lastLineEnd <= readAt ? lastLineEnd : end;
      yield bytes.subarray(readAt - held, cut);
      held = end - cut;
      bytes.copyWithin(readAt - held, cut, end);
      if (reads % READS_PER_TURN === 0) await setImmediate();
    }
  } finally {
    closeSync(file);
  }
}

async function* unpacked(raw: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = raw[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const all = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  if (isGzip(first.value)) yield* (await import('./gunzip.ts')).gunzipped(copied(all()));
  else yield* all();
}

/** Unpacking goes on with a piece while the next one is read. */
async function* copied(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

function unreadable(path: string, error: unknown): WhydError {
  const { code, message, hint } = reasonOf(path, error);
  return new WhydError(code, message, { hint, exitCode: EXIT.failure, cause: error });
}

interface Reason {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

function reasonOf(path: string, error: unknown): Reason {
  const code = codeOf(error) ?? '';
  const known = REASONS[code];
  if (known !== undefined) return { ...known, message: known.message.replace('{path}', () => path) };
  const says = error instanceof Error ? error.message : String(error);
  return {
    code: 'input.unreadable',
    message: `cannot read ${path}: ${says}`,
    hint: 'check the file and the disk it is on',
  };
}

const UNPACK = 'unpack what can be had with gzip -dc, and analyze that';
const REASONS: Readonly<Record<string, Reason>> = {
  ENOENT: {
    code: 'input.missing',
    message: 'there is no file {path}',
    hint: 'check the path; a log that was rotated may now end in .1 or .gz',
  },
  ENOTDIR: {
    code: 'input.missing',
    message: 'there is no file {path}: a part of its path is no directory',
    hint: 'check the path',
  },
  EACCES: {
    code: 'input.denied',
    message: 'not allowed to read {path}',
    hint: 'Postgres writes its logs 0600 by default: run as its user, join its group, or set log_file_mode = 0640',
  },
  Z_DATA_ERROR: { code: 'input.damaged', message: '{path} is damaged gzip', hint: UNPACK },
  Z_BUF_ERROR: { code: 'input.damaged', message: '{path} ends in the middle of its gzip data', hint: UNPACK },
};
