import type { Command } from 'commander';
import type { CliParts } from '../cli-parts.ts';
import type { StartDemo } from '../engines.ts';
import { factorOption } from '../option-values.ts';
import { runDaemon } from '../run-daemon.ts';

const DEFAULT_SPEED = 20;
/** A clone has no whyd on its path; npm runs this in its root. */
const COMMAND = 'node dist/cli/main.js';

/** The daemon on the bundled captures; what `npm start` runs, and so not offered in the help. */
export function registerDemo(program: Command, parts: CliParts, startDemo: StartDemo): void {
  program
    .command('demo', { hidden: true })
    .option('--speed <factor>', 'so many times faster than they were written', factorOption, DEFAULT_SPEED)
    .action(async ({ speed }: { readonly speed: number }) => {
      await runDaemon(
        parts,
        (hooks) => startDemo({ speed }, hooks),
        ({ url, token, tokenFile }, shown) => {
          shown.err(`whyd: listening on ${url}`);
          shown.err(`whyd: dashboard  ${url}/#token=${token}`);
          shown.err('whyd: ask it from another terminal, in this folder:');
          shown.err(`  ${COMMAND} why last --url ${url} --token-file ${tokenFile}`);
          shown.err('whyd: Ctrl-C stops it');
        },
        undefined,
        'replaying',
      );
    });
}
