import type { Command } from 'commander';
import type { CliParts } from '../cli-parts.ts';
import { outlineCommand } from '../command-outline.ts';
import { manPage } from '../man-page.ts';

const EXAMPLES = `
Examples:
  whyd man | man -l -
  whyd man > /usr/local/share/man/man1/whyd.1`;

export function registerMan(
  program: Command,
  { terminal }: CliParts,
  wholeProgram: () => Promise<Command>,
  closing: string,
): void {
  program
    .command('man')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      terminal.out(manPage(outlineCommand(await wholeProgram()), program.version() ?? '', closing).trimEnd());
    });
}
