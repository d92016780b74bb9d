import { Command } from 'commander';
import { EXIT, type ExitCode } from '../errors.ts';
import type { CliParts } from './cli-parts.ts';
import type { Engines } from './engines.ts';
import { escapeText } from './escape.ts';
import { HELP_CLOSING } from './help-closing.ts';
import { reportError } from './report-error.ts';
import { namedVerb, VERBS, type Verb } from './verb-table.ts';

export interface ProgramParts extends Omit<CliParts, 'setExitCode'> {
  readonly version: string;
  readonly engines: Engines;
}

/** Runs one command line, `args` without node and script, and gives its exit code. Never throws. */
export async function runProgram(args: readonly string[], parts: ProgramParts): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  try {
    const program = await createProgram(namedVerb(args), parts, (code) => {
      exitCode = code;
    });
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error, parts.terminal, (parts.env['WHYD_DEBUG'] ?? '') !== '');
  }
}

/** The command tree. Of the verbs that are not asked for only name and summary are there; with `all` each is whole. */
async function createProgram(
  asked: string | null,
  parts: ProgramParts,
  setExitCode: (code: ExitCode) => void,
): Promise<Command> {
  const program = createRoot(parts);
  const verbParts: CliParts = { ...parts, setExitCode };
  const wholeProgram = (): Promise<Command> => createProgram('all', parts, setExitCode);
  for (const [name, verb] of Object.entries(VERBS)) {
    if (verb.isOffered?.(parts.engines) === false) continue;
    if (name === asked || asked === 'all') {
      await verb.register(program, verbParts, parts.engines, wholeProgram);
      dressVerb(program, name, verb);
    } else addStub(program, name, verb);
  }
  return program;
}

function createRoot({ terminal, version }: ProgramParts): Command {
  // What was typed is quoted in messages: it may have been pasted from a log.
  const inert = (text: string): string => text.trimEnd().split('\n').map(escapeText).join('\n');
  return new Command('whyd')
    .description('explains every HTTP 500 of a denokv server by the exact log line that caused it')
    .version(version)
    .option('--no-color', 'print without colour (NO_COLOR)')
    .addHelpText('after', HELP_CLOSING)
    .helpCommand('help [verb]', 'say more of a verb')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        terminal.out(inert(text));
      },
      writeErr: (text) => {
        terminal.err(inert(text));
      },
    });
}

function dressVerb(program: Command, name: string, verb: Verb): void {
  const command = program.commands.find((one) => one.name() === name);
  command?.description(verb.summary).helpGroup(verb.group);
  for (const one of [command, ...(command?.commands ?? [])]) {
    const path = one === command ? name : `${name} ${one?.name() ?? ''}`;
    one?.showHelpAfterError(`usage: whyd ${path} ${one.usage()}\nhint: whyd ${path} --help says more`);
  }
}

function addStub(program: Command, name: string, verb: Verb): void {
  program
    .command(name, { hidden: verb.hidden === true })
    .description(verb.summary)
    .helpGroup(verb.group);
}
