/** Exit codes of the command line (CONTRACT: stable). */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  noMatch: 3,
  ambiguous: 4,
  unreachable: 5,
  denied: 6,
  badConfiguration: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface WhydErrorOptions {
  /** How to mend it, in one sentence an operator can act on. */
  readonly hint?: string;
  readonly exitCode?: ExitCode;
  /** What else is wrong: where all is looked at before it is refused. */
  readonly also?: readonly WhydError[];
  readonly cause?: unknown;
}

/**
 * The one error type that reaches a user: what went wrong and where (message), a stable code for scripts, and how to mend it (hint).
 * It is thrown anywhere and printed or logged once, at the top.
 */
export class WhydError extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly exitCode: ExitCode;
  readonly also: readonly WhydError[];

  constructor(code: string, message: string, options: WhydErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WhydError';
    this.code = code;
    this.hint = options.hint ?? null;
    this.exitCode = options.exitCode ?? EXIT.failure;
    this.also = options.also ?? [];
  }
}

/** The code of an error that has one: a failed system call's (`ENOENT`), a library's, a WhydError's own; else null. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Ends a switch over a union: a new member that nobody handles is a compile error, and a loud one at run time. */
export function assertNever(value: never): never {
  throw new WhydError('internal.unhandled_case', `unhandled case: ${JSON.stringify(value)}`);
}
