import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { codeOf, EXIT, WhydError } from '../errors.ts';

/** A secret, and whether others than its owner and group can read it. */
export interface Secret {
  readonly text: string;
  readonly isExposed: boolean;
}

const MAX_FILE_BYTES = 16 * 1024;
/** Secret stores of containers mount files that their own account alone reaches, but with any mode: it is said, not refused. */
const OTHERS = 0o007;

const FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
};

/** The text of a file that holds one secret, blanks around it taken off. `what` names it for messages, which never repeat it. Throws WhydError `secret.*` (exit 78). */
export async function readSecretFile(path: string, what: string): Promise<Secret> {
  const refuse = (code: string, says: string, hint: string, cause?: unknown): WhydError =>
    new WhydError(code, `${what} ${path}: ${says}`, { hint, exitCode: EXIT.badConfiguration, cause });
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) throw refuse('secret.unreadable', 'it is a folder', 'Name the file itself.');
      if (!stat.isFile() || stat.size > MAX_FILE_BYTES) {
        throw refuse('secret.malformed', 'it is not a small plain file', 'Put the secret alone into a file.');
      }
      const text = (await file.readFile('utf8')).trim();
      if (text === '') throw refuse('secret.malformed', 'it is empty', 'Put the secret into it, on one line.');
      if (/[\r\n\0]/.test(text)) throw refuse('secret.malformed', 'it has several lines', 'Leave one line in it.');
      return { text, isExposed: (stat.mode & OTHERS) !== 0 };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof WhydError) throw error;
    const code = codeOf(error) ?? 'unknown error';
    throw refuse('secret.unreadable', FAILURES[code] ?? code, 'Check the path and who may read the file.', error);
  }
}
