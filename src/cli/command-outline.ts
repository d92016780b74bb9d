import type { Command, Option } from 'commander';

/** A command as the man page and the completions need it; taken from the very tree that parses the command line. */
export interface CommandOutline {
  /** `issues mute`; empty for the program itself. */
  readonly path: string;
  readonly usage: string;
  readonly description: string;
  readonly options: readonly OptionOutline[];
  readonly commands: readonly CommandOutline[];
}

export interface OptionOutline {
  readonly flags: string;
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  readonly takesValue: boolean;
  readonly takesFile: boolean;
  readonly choices: readonly string[];
}

/** Outlines a command and all below it, hidden ones left out. The options of a default command count as its parent's too. */
export function outlineCommand(command: Command, path = ''): CommandOutline {
  const below = command.commands.filter((one) => !isHidden(one) && one.name() !== 'help');
  const commands = below.map((one) => outlineCommand(one, `${path} ${one.name()}`.trim()));
  const fallback = commands.find((one) => one.path === `${path} list`);
  return {
    path,
    usage: command.usage(),
    description: command.description(),
    options: [...command.options.filter(({ hidden }) => !hidden).map(outlineOption), ...(fallback?.options ?? [])],
    commands,
  };
}

function outlineOption(option: Option): OptionOutline {
  const { flags, long, short, description, required, optional, argChoices = [] } = option;
  const takesValue = required || optional;
  return {
    flags,
    long: long ?? flags,
    short: short ?? null,
    description,
    takesValue,
    takesFile: takesValue && /<(?:file|path)>/.test(flags),
    choices: argChoices,
  };
}

function isHidden(command: Command): boolean {
  return Reflect.get(command, '_hidden') === true;
}

/** A command and all below it, each once. */
export function allCommands(outline: CommandOutline): readonly CommandOutline[] {
  return [outline, ...outline.commands.flatMap(allCommands)];
}
