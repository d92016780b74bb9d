import { Argument, type Command } from 'commander';
import type { KnownCauses } from '../cause-option.ts';
import type { CliParts } from '../cli-parts.ts';
import { outlineCommand } from '../command-outline.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

const EXAMPLES = `
Examples:
  source <(whyd completion bash)                              for this shell
  whyd completion bash > /etc/bash_completion.d/whyd          for all of them
  whyd completion zsh > "\${fpath[1]}/_whyd"
  whyd completion fish > ~/.config/fish/completions/whyd.fish`;

export function registerCompletion(
  program: Command,
  { terminal }: CliParts,
  wholeProgram: () => Promise<Command>,
  knownCauses: KnownCauses,
): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell to complete in').choices(Object.keys(SHELLS)))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: keyof typeof SHELLS) => {
      terminal.out(SHELLS[shell](outlineCommand(await wholeProgram()), await knownCauses()).trimEnd());
    });
}
