import { allCommands, type CommandOutline } from '../command-outline.ts';
import { fileOptions, lastWord, valueRows } from './known-words.ts';

/** A completion script for bash 4 and later: verbs, options, and the words that an option takes. */
export function bashCompletion(program: CommandOutline, causes: readonly string[]): string {
  const commands = allCommands(program);
  const words = commands.map(
    ({ path, commands: below, options }) =>
      `    '${path}') words='${[...below.map(lastWord), ...options.map(({ long }) => long), '--help'].join(' ')}' ;;`,
  );
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  const values = valueRows(commands, causes).map(([long, choices]) => `    ${long}) words='${choices.join(' ')}' ;;`);
  const files = fileOptions(commands);
  return `# bash completion for whyd: source it, or put it into /etc/bash_completion.d
_whyd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $prev in
    ${files.join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
${values.join('\n')}
  esac
  if [[ -z $words ]]; then
    case $path in
${words.join('\n')}
    esac
    [[ $path == why ]] && words="last ${causes.join(' ')} $words"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _whyd whyd
`;
}
