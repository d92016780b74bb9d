import { CommanderError } from 'commander';
import { EXIT, WhydError, type ExitCode } from '../errors.ts';
import { escapeOnOneLine, escapeText } from './escape.ts';
import type { Terminal } from './terminal.ts';

/** Prints what ended the program, for a person to act on, and gives the exit code. With `debug`, the stack too. */
export function reportError(error: unknown, terminal: Pick<Terminal, 'err'>, debug: boolean): ExitCode {
  // Commander has printed its own message by now, and help and --version end the same way.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const exitCode = error instanceof WhydError ? reportKnown(error, terminal) : reportUnknown(error, terminal, debug);
  // The stack begins with the message, and so with what a log or a peer said.
  if (debug && error instanceof Error)
    for (const line of (error.stack ?? error.message).split('\n')) terminal.err(escapeText(line));
  return exitCode;
}

function reportKnown(error: WhydError, terminal: Pick<Terminal, 'err'>): ExitCode {
  for (const { message, hint } of [error, ...error.also]) {
    terminal.err(`whyd: ${escapeOnOneLine(message)}`);
    if (hint !== null) terminal.err(`hint: ${escapeOnOneLine(hint)}`);
  }
  return error.exitCode;
}

function reportUnknown(error: unknown, terminal: Pick<Terminal, 'err'>, debug: boolean): ExitCode {
  const says = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const ask = debug ? 'please report it' : 'please report it, with the output of the same command under WHYD_DEBUG=1';
  terminal.err(`whyd: a bug in whyd: ${escapeOnOneLine(says)} (${ask})`);
  return EXIT.failure;
}
