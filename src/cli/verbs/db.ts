import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../config/load-config.ts';
import { EXIT } from '../../errors.ts';
import type { CliParts } from '../cli-parts.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';

interface DbFlags {
  readonly index?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const CHECK_EXAMPLES = `
Examples:
  whyd db check
  whyd db check --index /var/lib/whyd/whyd.db --json

Reads the whole index, beside the daemon if need be. Exit code: 0 sound, 1 not.
With --json one finding a line.`;

const BACKUP_EXAMPLES = `
Examples:
  whyd db backup /backup/whyd-$(date +%F).db

The daemon may go on running. A file that is there already is left alone.`;

export function registerDb(program: Command, { terminal, env, setExitCode }: CliParts): void {
  const db = program.command('db');
  const pathOf = ({ index, config }: DbFlags): string =>
    loadConfig({ file: config ?? null, env, flags: { index } }).index.path;
  // Loaded when asked for: the native module behind it must not be in the way of the other verbs.
  const load = async () => (await import('../../maintenance.ts')).maintenance;

  withIndexOptions(db.command('check'))
    .description('look for damage, orphaned rows and checkpoints that cannot be')
    .option('--json', 'print JSON, one finding a line')
    .addHelpText('after', CHECK_EXAMPLES)
    .action(async (flags: DbFlags) => {
      const path = pathOf(flags);
      const findings = (await load()).check(path);
      for (const finding of findings) {
        const lines =
          flags.json === true
            ? [toJsonLine(finding)]
            : [`${finding.check}: ${finding.says}`, `  hint: ${finding.hint}`];
        for (const line of lines) terminal.out(flags.json === true ? line : escapeOnOneLine(line));
      }
      if (findings.length > 0) setExitCode(EXIT.failure);
      else if (flags.json !== true) terminal.out(`${escapeOnOneLine(path)}: sound`);
    });

  withIndexOptions(db.command('backup'))
    .description('copy the index to a new file')
    .argument('<file>', 'the file to make')
    .addHelpText('after', BACKUP_EXAMPLES)
    .action(async (file: string, flags: DbFlags) => {
      const target = resolve(file);
      await (await load()).backup(pathOf(flags), target);
      terminal.err(`whyd: the index is copied to ${escapeOnOneLine(target)}`);
    });
}

function withIndexOptions(command: Command): Command {
  return command
    .option('--index <path>', 'the index file (WHYD_INDEX_PATH)')
    .option('--config <file>', "the daemon's configuration file (WHYD_CONFIG)");
}
