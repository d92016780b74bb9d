import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Chunk } from './domain.ts';
import { EXIT, WhydError } from './errors.ts';

/** The name by which the command line means standard input. */
export const STDIN = '-';
const READ_BYTES = 1 << 20;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Says what is wrong with a path before anything is read, so that a typo in the last of ten names costs no wait. */
export async function checkLogFile(path: string): Promise<{ readonly sizeBytes: number | null }> {
  if (path === STDIN) return { sizeBytes: null };
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory()) {
    throw new WhydError('input.is_directory', `${path} is a directory, not a log`, { hint: `name the files in it, for example ${path.replace(/\/$/, '')}/*.log`, exitCode: EXIT.usage });
  }
  // How much a packed file holds shows only when it has been unpacked.
  return { sizeBytes: path.endsWith('.gz') ? null : found.size };
}

/** Reads a whole log from its beginning; gzip is known by its first bytes, whatever the name says. Offsets count unpacked bytes. */
export async function* readLogFile(path: string, fileId: number): AsyncGenerator<Chunk> {
  const raw: Readable = path === STDIN ? process.stdin : createReadStream(path, { highWaterMark: READ_BYTES });
  let byteStart = 0;
  try {
    for await (const bytes of unpacked(raw)) {
      yield { fileId, byteStart, bytes, startsGeneration: byteStart === 0 };
      byteStart += bytes.length;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* unpacked(raw: Readable): AsyncGenerator<Buffer> {
  const iterator = (raw as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const rest = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  if (first.value[0] !== GZIP_MAGIC[0] || first.value[1] !== GZIP_MAGIC[1]) {
    yield* rest();
    return;
  }
  const gunzip = createGunzip();
  const feed = (async () => {
    for await (const bytes of rest()) if (!gunzip.write(bytes)) await new Promise((resolve) => gunzip.once('drain', resolve));
    gunzip.end();
  })();
  for await (const bytes of gunzip as AsyncIterable<Buffer>) yield bytes;
  await feed;
}

function unreadable(path: string, error: unknown): WhydError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [stableCode, message, hint] = REASONS[code] ?? ['input.unreadable', `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, 'check the file and the disk it is on'];
  return new WhydError(stableCode, message.replace('{path}', path), { hint, exitCode: EXIT.failure, cause: error });
}

const REASONS: Readonly<Record<string, readonly [code: string, message: string, hint: string]>> = {
  ENOENT: ['input.missing', 'there is no file {path}', 'check the path; a log that was rotated may now end in .1 or .gz'],
  EACCES: ['input.denied', 'not allowed to read {path}', 'Postgres writes its logs 0600 by default: run as its user, join its group, or set log_file_mode = 0640'],
  Z_DATA_ERROR: ['input.damaged', '{path} is damaged gzip', 'unpack what can be had with gzip -dc, and analyze that'],
  Z_BUF_ERROR: ['input.damaged', '{path} ends in the middle of its gzip data', 'unpack what can be had with gzip -dc, and analyze that'],
};
