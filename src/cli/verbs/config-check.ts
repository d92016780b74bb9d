import type { Command } from 'commander';
import type { Config, SourceConfig } from '../../config/config.ts';
import { showAddress } from '../../config/listen-address.ts';
import { EXIT, WhydError } from '../../errors.ts';
import type { CliParts } from '../cli-parts.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { formatBytes, formatCount } from '../format.ts';

interface CheckFlags {
  readonly config?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  whyd config check /etc/whyd/whyd.yaml
  whyd config check --json

Exit code: 0 good, 78 bad. With --json one line: every setting in force.`;

export function registerConfigCheck(program: Command, { terminal, env }: CliParts): void {
  program
    .command('config')
    .command('check')
    .description('check a configuration file and say what is in force')
    .argument('[file]', 'the configuration file (WHYD_CONFIG)')
    .option('--config <file>', 'the same')
    .option('--json', 'print every setting in force as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, flags: CheckFlags) => {
      const { loadConfig } = await import('../../config/load-config.ts');
      const config = loadConfig({ file: file ?? flags.config ?? null, env, flags: {} });
      if (config.file === null) {
        throw new WhydError('config.no_file', 'there is no configuration file to check', {
          hint: 'Name one: whyd config check FILE, or set WHYD_CONFIG.',
          exitCode: EXIT.usage,
        });
      }
      for (const warning of config.warnings) terminal.err(`warning: ${escapeOnOneLine(warning)}`);
      for (const line of flags.json === true ? [toJsonLine(config)] : showConfig(config)) terminal.out(line);
    });
}

function showConfig({ file, sources, index, api }: Config): readonly string[] {
  const { days, sizeBytes } = index.keep;
  return [
    `${file ?? ''}: good, ${formatCount(sources.length, 'source')}`,
    ...sources.map((source) => `source ${source.kind}: ${whence(source)}`),
    `index ${index.path}, kept for ${formatCount(days, 'day')} or ${formatBytes(sizeBytes)}`,
    `api ${showAddress(api.listen)}, token in ${api.tokenFile}`,
  ].map(escapeOnOneLine);
}

function whence({ paths, journalUnit, stdin, syslog }: SourceConfig): string {
  if (journalUnit !== undefined) return `journal of ${journalUnit}`;
  if (stdin === true) return 'standard input';
  if (syslog === undefined) return paths.join(' ');
  const { address } = syslog;
  return `syslog on ${address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${String(address.port)}`}`;
}
