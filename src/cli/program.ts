import { Command } from 'commander';
import { EXIT, type ExitCode } from '../errors.ts';
import type { CliParts } from './cli-parts.ts';
import type { Engines } from './engines.ts';
import { reportError } from './report-error.ts';
import { registerAnalyze } from './verbs/analyze.ts';
import { registerConfigCheck } from './verbs/config-check.ts';
import { registerDb } from './verbs/db.ts';
import { registerDemo } from './verbs/demo.ts';
import { registerFailures } from './verbs/failures.ts';
import { registerParse } from './verbs/parse.ts';
import { registerRun } from './verbs/run.ts';
import { registerSources } from './verbs/sources.ts';
import { registerToken } from './verbs/token.ts';
import { registerWhy } from './verbs/why.ts';

export interface ProgramParts extends Omit<CliParts, 'setExitCode'> {
  readonly version: string;
  readonly engines: Engines;
}

const EXIT_CODES = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 no match, 4 ambiguous, 5 daemon unreachable, 6 denied, 78 bad configuration.
Times: ISO 8601, a local clock time (14:03:12) or a span (15m: so long ago).`;

/** Runs one command line, `args` without node and script, and gives its exit code. Never throws. */
export async function runProgram(args: readonly string[], parts: ProgramParts): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram(parts, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error, parts.terminal, (parts.env['WHYD_DEBUG'] ?? '') !== '');
  }
}

function createProgram(parts: ProgramParts, setExitCode: (code: ExitCode) => void): Command {
  const { terminal, engines, version } = parts;
  const program = new Command('whyd')
    .description('explains every HTTP 500 of a denokv server by the exact log line that caused it')
    .version(version)
    .option('--no-color', 'print without colour (NO_COLOR)')
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.err(text.trimEnd());
      },
    });
  const verbParts: CliParts = { ...parts, setExitCode };
  if (engines.startDaemon !== undefined) registerRun(program, verbParts, engines.startDaemon);
  if (engines.analyze !== undefined) registerAnalyze(program, verbParts, engines.analyze);
  if (engines.parse !== undefined) registerParse(program, verbParts, engines.parse);
  registerWhy(program, verbParts);
  registerFailures(program, verbParts);
  registerSources(program, verbParts);
  registerToken(program, verbParts);
  registerConfigCheck(program, verbParts);
  registerDb(program, verbParts);
  if (engines.startDemo !== undefined) registerDemo(program, verbParts, engines.startDemo);
  for (const verb of program.commands) {
    verb.showHelpAfterError(`usage: whyd ${verb.name()} ${verb.usage()}\nhint: whyd ${verb.name()} --help says more`);
  }
  return program;
}
