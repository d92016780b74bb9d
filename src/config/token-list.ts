import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, EXIT, WhydError } from '../errors.ts';

/** A token besides the daemon's own, as it is kept: who has it, what it may do, and its digest. The token itself is kept nowhere. */
export interface ListedToken {
  /** The beginning of the digest. */
  readonly id: string;
  readonly name: string;
  readonly role: 'read' | 'admin';
  /** SHA-256, hex. */
  readonly sha256: string;
  readonly createdAt: string;
}

const TOKEN_BYTES = 32;
const MAX_TOKENS = 100;
const MAX_FILE_BYTES = 64 * 1024;
const ID_CHARS = 10;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,59}$/u;
/** Nobody else may write: who could, would let himself in. */
const FORBIDDEN_MODE = 0o022;
/** A draft that is older was left by a process that was killed. */
const STALE_DRAFT_MS = 10_000;

/** The list stands beside the daemon's own token. */
export function tokenListPath(tokenFile: string): string {
  return `${tokenFile}s.json`;
}

/** Empty where there is no file. Throws WhydError `token.*`. */
export function readTokenList(path: string): readonly ListedToken[] {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unusable(path, error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) throw malformed(path);
    if ((stat.mode & FORBIDDEN_MODE) !== 0) {
      throw new WhydError('token.exposed', `token list ${path}: other users can change it`, {
        hint: `Look at it with whyd token list, then chmod 600 ${path}`,
      });
    }
    return parse(path, readFileSync(file, 'utf8'));
  } finally {
    closeSync(file);
  }
}

/** Makes a token and puts its digest into the list. @returns the token, which nobody can show again. Throws WhydError `token.*`. */
export function createListedToken(
  path: string,
  { name, role, nowMs }: { readonly name: string; readonly role: ListedToken['role']; readonly nowMs: number },
): { readonly token: string; readonly listed: ListedToken } {
  if (!NAME.test(name)) {
    throw new WhydError('token.bad_name', 'this is not a name for a token', {
      hint: 'Write who will have it: up to 60 letters, digits, blanks and . _ @ -',
      exitCode: EXIT.usage,
    });
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const sha256 = createHash('sha256').update(token).digest('hex');
  const listed = { id: sha256.slice(0, ID_CHARS), name, role, sha256, createdAt: new Date(nowMs).toISOString() };
  change(path, nowMs, (tokens) => {
    if (tokens.some((one) => one.name === name)) {
      throw new WhydError('token.name_taken', `a token of the name ${name} is there already`, {
        hint: 'Choose another name, or take it away first: whyd token revoke NAME.',
        exitCode: EXIT.usage,
      });
    }
    if (tokens.length >= MAX_TOKENS) {
      throw new WhydError('token.too_many', `there are ${String(MAX_TOKENS)} tokens already`, {
        hint: 'Take away those that nobody uses: whyd token list.',
      });
    }
    return [...tokens, listed];
  });
  return { token, listed };
}

/** Takes a token away, by its id or name. Throws WhydError `token.*`. */
export function revokeListedToken(path: string, which: string, nowMs: number): ListedToken {
  let gone: ListedToken | undefined;
  change(path, nowMs, (tokens) => {
    gone = tokens.find(({ id, name }) => id === which || name === which);
    if (gone === undefined) {
      throw new WhydError('token.unknown', 'no token has this id or name', {
        hint: 'whyd token list shows them.',
        exitCode: EXIT.noMatch,
      });
    }
    return tokens.filter((one) => one !== gone);
  });
  if (gone === undefined) throw new Error('a token was neither found nor missed');
  return gone;
}

/** The draft of the new list keeps out who would change it at the same moment, and takes its name when it is whole. */
function change(path: string, nowMs: number, work: (tokens: readonly ListedToken[]) => readonly ListedToken[]): void {
  const draft = `${path}.new`;
  const file = openDraft(path, draft, nowMs);
  try {
    // Not writeSync, which is content with a part.
    writeFileSync(file, `${JSON.stringify(work(readTokenList(path)), null, 2)}\n`);
    giveToFolderOwner(path, draft);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error instanceof WhydError ? error : unusable(path, error);
  } finally {
    closeSync(file);
  }
}

function openDraft(path: string, draft: string, nowMs: number): number {
  const open = (): number =>
    openSync(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    return open();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unusable(path, error);
    const madeMs = statSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Math.abs(nowMs - madeMs) < STALE_DRAFT_MS) {
      throw new WhydError('token.raced', `token list ${path}: another process changes it just now`, {
        hint: 'Try again.',
        cause: error,
      });
    }
    rmSync(draft, { force: true });
    return open();
  }
}

/** root makes tokens for a daemon that runs as another user, and that one has to read them. */
function giveToFolderOwner(path: string, draft: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  chownSync(draft, uid, gid);
}

function parse(path: string, text: string): readonly ListedToken[] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw malformed(path, error);
  }
  if (!Array.isArray(found) || !found.every(isListedToken)) throw malformed(path);
  return found;
}

function isListedToken(one: unknown): one is ListedToken {
  if (typeof one !== 'object' || one === null) return false;
  const { id, name, role, sha256, createdAt } = one as Record<string, unknown>;
  return (
    typeof id === 'string' &&
    /^[0-9a-f]+$/.test(id) &&
    typeof name === 'string' &&
    (role === 'read' || role === 'admin') &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof createdAt === 'string'
  );
}

function malformed(path: string, cause?: unknown): WhydError {
  return new WhydError('token.malformed', `token list ${path}: it is no list of tokens`, {
    hint: 'Remove it: the tokens in it are gone then, the daemon keeps its own.',
    cause,
  });
}

const DENIED = { says: 'this user may not read or write it', hint: "Run as the daemon's user, or as root." };
const UNUSABLE: Readonly<Record<string, { readonly says: string; readonly hint: string }>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  ENOENT: { says: 'there is no such folder', hint: 'Start the daemon once: it makes the folder.' },
  ENOSPC: { says: 'the disk is full', hint: 'Free space there; the list is as it was.' },
};

function unusable(path: string, cause: unknown): WhydError {
  const code = codeOf(cause);
  const isDenied = code === 'EACCES' || code === 'EPERM';
  const { says, hint } = UNUSABLE[code ?? ''] ?? {
    says: code ?? 'unknown error',
    hint: 'Look at its folder and disk.',
  };
  return new WhydError(isDenied ? 'token.denied' : 'token.unusable', `token list ${path}: ${says}`, {
    hint,
    exitCode: isDenied ? EXIT.denied : EXIT.failure,
    cause,
  });
}
