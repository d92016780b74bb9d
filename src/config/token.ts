import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, EXIT, WhydError, type ExitCode } from '../errors.ts';

const TOKEN_BYTES = 32;
const MAX_FILE_BYTES = 1_024;
/** What a Bearer header can carry (RFC 6750), and long enough not to be guessed. */
const TOKEN_FORM = /^[\w.~+/-]{32,512}=*$/;
/** Others may neither read nor write, the group may only read. */
const FORBIDDEN_MODE = 0o027;

/** The token of the file; where there is no file, a fresh one is written (mode 0600). Throws WhydError `token.*`. */
export async function loadOrCreateToken(path: string): Promise<string> {
  return (await readTokenIfAny(path)) ?? (await createToken(path));
}

/** The token of an existing file. Throws WhydError `token.missing`, `token.symlink`, `token.denied`, `token.exposed`, `token.malformed`. */
export async function readToken(path: string): Promise<string> {
  const token = await readTokenIfAny(path);
  if (token !== null) return token;
  throw tokenError('token.missing', path, 'there is no such file', {
    hint: 'The daemon writes it when it starts (whyd run); name another with --token-file.',
  });
}

async function readTokenIfAny(path: string): Promise<string | null> {
  const file = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (file === null) return null;
  try {
    return await readChecked(path, file);
  } finally {
    await file.close();
  }
}

async function readChecked(path: string, file: FileHandle): Promise<string> {
  const stat = await file.stat();
  if (!stat.isFile()) throw malformed(path, stat.isDirectory() ? 'it is a folder' : 'it is no plain file');
  if (stat.size > MAX_FILE_BYTES) throw malformed(path, `with ${String(stat.size)} bytes it is too large for a token`);
  const token = (await file.readFile('utf8')).trim();
  // Before its mode: of a file that is no token's, named by mistake, nothing is to be said of who may know it.
  if (!TOKEN_FORM.test(token)) throw malformed(path, whyNoToken(token));
  if ((stat.mode & FORBIDDEN_MODE) !== 0) {
    throw tokenError('token.exposed', path, 'other users can read or change it', {
      hint: `Its token may be known: remove it, start the daemon again, or after a check run chmod 600 ${path}`,
    });
  }
  return token;
}

/** Never with the hint alone to remove it: it may be another file, named by mistake. */
function malformed(path: string, says: string): WhydError {
  return tokenError('token.malformed', path, says, {
    hint: "Name the one that holds the token with --token-file; if this is the daemon's own, remove it and start the daemon again: it writes a fresh one.",
  });
}

const PRINTABLE_LINE = /^[\x20-\x7e]*$/;

function whyNoToken(text: string): string {
  if (text === '') return 'it is empty';
  if (/[\r\n]/.test(text)) return 'it holds several lines, a token is one';
  if (!PRINTABLE_LINE.test(text)) return 'it holds bytes that no token has';
  return 'it holds no token of at least 32 characters';
}

async function createToken(path: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  await makeFolder(path);
  // O_EXCL: neither a link that was planted nor a file of a daemon that started at the same moment is written to.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await openFile(path, flags, 0o600);
  if (file === null) throw tokenError('token.unwritable', path, 'its folder is gone', {});
  try {
    await file.writeFile(`${token}\n`);
  } finally {
    await file.close();
  }
  return token;
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileError(path, error);
  }
}

async function openFile(path: string, flags: number, mode?: number): Promise<FileHandle | null> {
  try {
    return await open(path, flags, mode);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw fileError(path, error);
  }
}

interface FileFailure {
  readonly code: string;
  readonly says: string;
  readonly hint: string;
  readonly exitCode?: ExitCode;
}

const DENIED: FileFailure = {
  code: 'token.denied',
  says: 'this user may not read or write it',
  hint: "Run as the daemon's user, or join the group that may read the file.",
  exitCode: EXIT.denied,
};

const FILE_FAILURES: Readonly<Record<string, FileFailure>> = {
  ELOOP: {
    code: 'token.symlink',
    says: 'it is a symbolic link',
    hint: 'Put the token file itself there: links are refused.',
  },
  EEXIST: { code: 'token.raced', says: 'another process made it just now', hint: 'Start again.' },
  EACCES: DENIED,
  EPERM: DENIED,
};

function fileError(path: string, error: unknown): WhydError {
  const errno = codeOf(error) ?? 'unknown error';
  const failure = FILE_FAILURES[errno];
  if (failure === undefined) return tokenError('token.unusable', path, errno, { cause: error });
  const { code, says, hint, exitCode } = failure;
  return tokenError(code, path, says, { hint, cause: error, ...(exitCode === undefined ? {} : { exitCode }) });
}

function tokenError(
  code: string,
  path: string,
  says: string,
  options: { hint?: string; exitCode?: ExitCode; cause?: unknown },
): WhydError {
  return new WhydError(code, `token file ${path}: ${says}`, options);
}
