import { codeOf, WhydError } from '../errors.ts';

/** Why a file cannot be followed at the moment, and what to do about it. */
export interface Trouble {
  readonly state: 'waiting' | 'failing';
  readonly reason: string;
  readonly hint: string | null;
}

interface TroubleRow {
  readonly state: Trouble['state'];
  readonly reason: string;
  readonly hint: string;
}

const ABSENT: TroubleRow = {
  state: 'waiting',
  reason: 'no such file yet',
  hint: 'check the path, or start the program that writes it',
};
const DENIED: TroubleRow = {
  state: 'failing',
  reason: 'permission denied',
  hint: 'let the account that runs whyd read it, e.g. `setfacl -m u:whyd:r FILE` and x on each folder above',
};
const DESCRIPTORS: TroubleRow = {
  state: 'failing',
  reason: 'too many open files',
  hint: 'raise the limit of open files (LimitNOFILE= in the systemd unit, or `ulimit -n`)',
};

const TROUBLES: Readonly<Record<string, TroubleRow>> = {
  ENOENT: ABSENT,
  ENOTDIR: ABSENT,
  EACCES: DENIED,
  EPERM: DENIED,
  EMFILE: DESCRIPTORS,
  ENFILE: DESCRIPTORS,
  ELOOP: { state: 'failing', reason: 'the symbolic links form a loop', hint: 'point the link at a real file' },
  EISDIR: { state: 'failing', reason: 'is a directory', hint: 'name the file itself, or a glob such as DIR/*.log' },
  EIO: { state: 'failing', reason: 'input/output error', hint: 'check the disk and the kernel log (`dmesg`)' },
  ESTALE: { state: 'failing', reason: 'stale network file handle', hint: 'check the network mount' },
};

export const NOT_A_FILE: Trouble = {
  state: 'failing',
  reason: 'is not a regular file',
  hint: 'name a log file; pipes and devices cannot be followed',
};

export const IS_A_DIRECTORY: Trouble = TROUBLES['EISDIR'] ?? NOT_A_FILE;

/** Says an error in an operator's words. Nothing is final: whoever shows a trouble also tries again. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof WhydError) return { state: 'failing', reason: error.message, hint: error.hint };
  const row = TROUBLES[codeOf(error) ?? ''];
  return row ?? { state: 'failing', reason: error instanceof Error ? error.message : String(error), hint: null };
}
