import { allCommands, type CommandOutline } from '../command-outline.ts';
import { fileOptions, lastWord, valueRows } from './known-words.ts';

/** A completion script for zsh: save it as _whyd in a folder of $fpath, or source it after compinit. */
export function zshCompletion(program: CommandOutline, causes: readonly string[]): string {
  const commands = allCommands(program);
  const cases = commands.map(({ path, commands: below, options }) => {
    const words = [
      ...below.map((one) => `${lastWord(one)}:${plain(one.description)}`),
      ...options.map(({ long, description }) => `${long}:${plain(description)}`),
      '--help:say more',
    ];
    return `    '${path}') offers=(${words.map((word) => `'${word}'`).join(' ')}) ;;`;
  });
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  const values = valueRows(commands, causes).map(
    ([long, choices]) => `    ${long}) compadd -- ${choices.join(' ')}; return ;;`,
  );
  return `#compdef whyd
_whyd() {
  local path_='' word prev=\${words[CURRENT-1]}
  local -a offers
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${path_:+$path_ }$word" in
      ${paths.join('|')}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
  case $prev in
    ${fileOptions(commands).join('|')}) _files; return ;;
${values.join('\n')}
  esac
  [[ $path_ == why ]] && compadd -- last ${causes.join(' ')}
  case $path_ in
${cases.join('\n')}
  esac
  _describe 'whyd' offers
  case $path_ in analyze|parse|'config check'|'db backup') _files ;; esac
}
# From a folder of $fpath the file itself is the function, at its first call.
if [[ \${funcstack[1]} == _whyd ]]; then _whyd "$@"; else compdef _whyd whyd; fi
`;
}

function plain(text: string): string {
  return text.replaceAll("'", '’').replaceAll(':', '\\:').replaceAll('\n', ' ');
}
