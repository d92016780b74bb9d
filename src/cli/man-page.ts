import { allCommands, type CommandOutline } from './command-outline.ts';

/** The man page in roff's man macros, from the tree that parses the command line. `closing` is the help's own: exit codes and times. */
export function manPage(program: CommandOutline, version: string, closing: string): string {
  const commands = allCommands(program).filter(({ path }) => path !== '');
  return [
    `.TH WHYD 1 "" "whyd ${roff(version)}"`,
    '.SH NAME',
    `whyd \\- ${roff(program.description)}`,
    '.SH SYNOPSIS',
    '.B whyd',
    roff(program.usage),
    '.SH OPTIONS',
    ...showOptions(program),
    '.SH VERBS',
    ...commands.flatMap((command) => [
      `.SS "whyd ${roff(command.path)} ${roff(command.usage)}"`,
      roff(command.description),
      ...showOptions(command),
    ]),
    '.SH "EXIT CODES AND TIMES"',
    ...closing
      .trim()
      .split('\n')
      .flatMap((line, n) => [...(n === 0 ? [] : ['.br']), roff(line)]),
    '',
  ].join('\n');
}

function showOptions({ options }: CommandOutline): readonly string[] {
  return options.flatMap(({ flags, description, choices }) => {
    const words = choices.length === 0 ? '' : ` (${choices.join(', ')})`;
    return ['.TP', `.B ${roff(flags)}`, roff(description + words)];
  });
}

/** Text that roff prints as it is: no escapes, and no line that begins as a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^([.'])/gm, '\\&$1');
}
