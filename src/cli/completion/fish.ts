import { allCommands, type CommandOutline } from '../command-outline.ts';
import { lastWord, valueRows } from './known-words.ts';

/** A completion script for fish: save it as ~/.config/fish/completions/whyd.fish. */
export function fishCompletion(program: CommandOutline, causes: readonly string[]): string {
  const commands = allCommands(program);
  const known = new Map(valueRows(commands, causes));
  const lines = commands.flatMap(({ path, commands: below, options }) => {
    const at = `-n '${condition(path, below)}'`;
    return [
      ...below.map((one) => `complete -c whyd -f ${at} -a ${lastWord(one)} -d '${plain(one.description)}'`),
      ...options.map(({ long, short, description, takesValue, takesFile }) => {
        const names = [`-l ${long.replace(/^--/, '')}`, ...(short === null ? [] : [`-s ${short.replace('-', '')}`])];
        const choices = known.get(long);
        const value = takesFile
          ? ['-rF']
          : choices !== undefined
            ? [`-xa '${choices.join(' ')}'`]
            : takesValue
              ? ['-x']
              : [];
        return ['complete -c whyd', at, ...names, ...value, `-d '${plain(description)}'`].join(' ');
      }),
    ];
  });
  return `# fish completion for whyd
${lines.join('\n')}
complete -c whyd -f -n '__fish_seen_subcommand_from why' -a 'last ${causes.join(' ')}'
`;
}

/** When a command's own words may come: all of its path was seen, and none of what stands below it. */
function condition(path: string, below: readonly CommandOutline[]): string {
  const seen = path === '' ? [] : path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const unseen = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.map(lastWord).join(' ')}`];
  return [...seen, ...unseen].join('; and ') || 'true';
}

function plain(text: string): string {
  return text.replaceAll('\\', '').replaceAll("'", "\\'").replaceAll('\n', ' ');
}
