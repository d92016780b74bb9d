import { writeSync } from 'node:fs';
import { codeOf, WhydError } from '../errors.ts';
import { reportError } from './report-error.ts';

type OutputStream = 'stdout' | 'stderr';

const FULL = { says: 'the disk is full', hint: 'What was written is cut: free space there and run it again.' };
const UNWRITABLE: Readonly<Record<string, { readonly says: string; readonly hint: string }>> = {
  ENOSPC: FULL,
  EDQUOT: { ...FULL, says: 'the quota of the disk is used up' },
  EFBIG: { says: 'the file is as large as a file may be', hint: 'Ask for less, or write elsewhere.' },
  EIO: { says: 'the disk or terminal does not take it', hint: 'Write elsewhere; the kernel log says more of it.' },
};
const STDERR_FD = 2;

/** Ends the process once one of its streams takes no more: quietly when its reader hung up (`whyd failures | head`), otherwise with what is wrong with it. */
export function exitOnOutputFailure(): void {
  for (const stream of ['stdout', 'stderr'] as const)
    process[stream].on('error', (error: Error) => {
      if (codeOf(error) === 'EPIPE') process.exit();
      const isDebugging = (process.env['WHYD_DEBUG'] ?? '') !== '';
      process.exit(reportError(outputFailure(stream, error), { err: writeToStderrAtOnce }, isDebugging));
    });
}

function outputFailure(stream: OutputStream, cause: Error): WhydError {
  const code = codeOf(cause);
  const { says, hint } = UNWRITABLE[code ?? ''] ?? { says: code ?? cause.message, hint: 'Write elsewhere.' };
  return new WhydError('output.unwritable', `${stream} cannot be written: ${says}`, { hint, cause });
}

/** The process ends with the next statement, and stderr may be on the same full disk. */
function writeToStderrAtOnce(line: string): void {
  try {
    writeSync(STDERR_FD, `${line}\n`);
  } catch {
    // Nobody is left to tell.
  }
}
