import type { Command } from 'commander';
import type { CliParts } from '../cli-parts.ts';
import type { StartDemo } from '../engines.ts';
import { factorOption } from '../option-values.ts';
import { runDaemon } from '../run-daemon.ts';

const DEFAULT_SPEED = 20;

/** The daemon on the bundled captures; what `npm start` runs, and so not offered in the help. */
export function registerDemo(program: Command, parts: CliParts, startDemo: StartDemo): void {
  const { terminal } = parts;
  program
    .command('demo', { hidden: true })
    .option('--speed <factor>', 'so many times faster than they were written', factorOption, DEFAULT_SPEED)
    .action(async ({ speed }: { readonly speed: number }) => {
      await runDaemon(
        parts,
        (hooks) => startDemo({ speed }, hooks),
        ({ url, token }) => {
          terminal.err(`whyd: listening on ${url}`);
          terminal.err(`whyd: dashboard  ${url}/#token=${token}`);
          terminal.err(`whyd: try  curl -H 'Authorization: Bearer ${token}' '${url}/v1/why?q=last'`);
          terminal.err('whyd: Ctrl-C stops it');
        },
      );
    });
}
