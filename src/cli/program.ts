import { Command } from 'commander';
import { EXIT, type ExitCode } from '../errors.ts';
import type { CliParts } from './cli-parts.ts';
import type { Engines } from './engines.ts';
import { reportError } from './report-error.ts';

export interface ProgramParts extends Omit<CliParts, 'setExitCode'> {
  readonly version: string;
  readonly engines: Engines;
}

const EXIT_CODES = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 no match, 4 ambiguous, 5 daemon unreachable, 6 denied, 78 bad configuration.
Times: ISO 8601, a local clock time (14:03:12) or a span (15m: so long ago).`;

type RegisterVerb = (program: Command, parts: CliParts, engines: Engines) => Promise<void>;

/** In the order of the help. Each is a module of its own: to read a log must not wait for what the daemon's verbs need. */
const VERBS: Readonly<Record<string, RegisterVerb>> = {
  run: async (program, parts, { startDaemon }) => {
    if (startDaemon !== undefined) (await import('./verbs/run.ts')).registerRun(program, parts, startDaemon);
  },
  analyze: async (program, parts, { analyze }) => {
    if (analyze !== undefined) (await import('./verbs/analyze.ts')).registerAnalyze(program, parts, analyze);
  },
  parse: async (program, parts, { parse }) => {
    if (parse !== undefined) (await import('./verbs/parse.ts')).registerParse(program, parts, parse);
  },
  why: async (program, parts) => {
    (await import('./verbs/why.ts')).registerWhy(program, parts);
  },
  failures: async (program, parts) => {
    (await import('./verbs/failures.ts')).registerFailures(program, parts);
  },
  sources: async (program, parts) => {
    (await import('./verbs/sources.ts')).registerSources(program, parts);
  },
  token: async (program, parts) => {
    (await import('./verbs/token.ts')).registerToken(program, parts);
  },
  config: async (program, parts) => {
    (await import('./verbs/config-check.ts')).registerConfigCheck(program, parts);
  },
  db: async (program, parts) => {
    (await import('./verbs/db.ts')).registerDb(program, parts);
  },
  sink: async (program, parts, { testSink }) => {
    if (testSink !== undefined) (await import('./verbs/sink-test.ts')).registerSinkTest(program, parts, testSink);
  },
  demo: async (program, parts, { startDemo }) => {
    if (startDemo !== undefined) (await import('./verbs/demo.ts')).registerDemo(program, parts, startDemo);
  },
};

/** The verb that a command line names; all of them where it names none, for help and for what to say of a misspelt one. */
function verbsFor(args: readonly string[]): readonly RegisterVerb[] {
  const named = args.find((arg) => !arg.startsWith('-')) ?? '';
  const verb = Object.hasOwn(VERBS, named) ? VERBS[named] : undefined;
  return verb === undefined ? Object.values(VERBS) : [verb];
}

/** Runs one command line, `args` without node and script, and gives its exit code. Never throws. */
export async function runProgram(args: readonly string[], parts: ProgramParts): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  try {
    const program = await createProgram(args, parts, (code) => {
      exitCode = code;
    });
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error, parts.terminal, (parts.env['WHYD_DEBUG'] ?? '') !== '');
  }
}

async function createProgram(
  args: readonly string[],
  parts: ProgramParts,
  setExitCode: (code: ExitCode) => void,
): Promise<Command> {
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
  for (const register of verbsFor(args)) await register(program, verbParts, engines);
  for (const verb of program.commands) {
    verb.showHelpAfterError(`usage: whyd ${verb.name()} ${verb.usage()}\nhint: whyd ${verb.name()} --help says more`);
  }
  return program;
}
