import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { EXIT, WhydError } from '../../errors.ts';
import type { CliParts } from '../cli-parts.ts';
import type { DiscoverLogs, StartDaemon } from '../engines.ts';
import { escapeOnOneLine } from '../escape.ts';
import { runDaemon } from '../run-daemon.ts';
import type { Terminal } from '../terminal.ts';

interface RunFlags {
  readonly config?: string;
  readonly since?: string;
  readonly listen?: string;
  readonly index?: string;
  readonly tokenFile?: string;
}

const EXAMPLES = `
Examples:
  whyd run --config /etc/whyd/whyd.yaml
  whyd run                # follows the logs that it finds on this host
  whyd run --config whyd.yaml --listen 127.0.0.1:0 --index ./whyd.db

A configuration needs at least:
  sources:
    - { kind: denokv, path: /var/log/denokv.log }
    - { kind: postgres, path: [/var/log/postgresql/*.log] }

Ctrl-C stops it, a second one at once.`;

export function registerRun(
  program: Command,
  parts: CliParts,
  startDaemon: StartDaemon,
  discover?: DiscoverLogs,
): void {
  const { terminal, env } = parts;
  program
    .command('run')
    .option('--config <file>', 'the configuration file (WHYD_CONFIG)')
    .option('--since <span>', 'how far back the first start reads, or all (WHYD_SINCE; default 24h)')
    .option(
      '--listen <address>',
      'where the API listens: host:port or unix:path (WHYD_API_LISTEN; default 127.0.0.1:7433)',
    )
    .option('--index <path>', 'the index file (WHYD_INDEX_PATH; default /var/lib/whyd/whyd.db)')
    .option('--token-file <file>', "the API's token, made when missing (WHYD_API_TOKEN_FILE; default beside the index)")
    .addHelpText('after', EXAMPLES)
    .action(async ({ config: file, ...flags }: RunFlags) => {
      const { loadConfig } = await import('../../config/load-config.ts');
      const given = loadConfig({ file: file ?? null, env, flags });
      for (const warning of given.warnings) terminal.err(`whyd: warning: ${escapeOnOneLine(warning)}`);
      const config =
        given.file === null && discover !== undefined ? await discovered(given, discover, terminal) : given;
      if (config.sources.length === 0) throw noSources(config.file);
      await runDaemon(
        parts,
        (hooks) => startDaemon(config, hooks),
        // The token itself stays out of journals and scrollbacks.
        ({ url }, shown) => {
          shown.err(`whyd: listening on ${url}, token in ${config.api.tokenFile}`);
          shown.err(
            url.startsWith('unix:')
              ? 'whyd: browsers reach a socket through a proxy only; whyd why and curl --unix-socket ask it as it is'
              : `whyd: the dashboard is at ${url}/ and asks for that token, which whyd token prints`,
          );
        },
      );
    });
}

/** Says what is taken and what lacks. Throws WhydError (exit 78) when neither denokv's nor Postgres' log is there. */
async function discovered(given: Config, discover: DiscoverLogs, terminal: Terminal): Promise<Config> {
  const { config, took, lacks } = await discover(given);
  for (const sentence of took) terminal.err(`whyd: ${escapeOnOneLine(sentence)}`);
  for (const { says, mend } of lacks) {
    terminal.err(`whyd: ${escapeOnOneLine(says)}`);
    terminal.err(`hint: ${escapeOnOneLine(mend)}`);
  }
  if (config.sources.some(({ kind }) => kind !== 'proxy')) return config;
  throw new WhydError('config.no_sources', 'there is no log to follow: none was found on this host', {
    hint: 'List a denokv and a Postgres log under sources: and pass the file with --config (see whyd run --help).',
    exitCode: EXIT.badConfiguration,
  });
}

function noSources(file: string | null): WhydError {
  const where = file === null ? 'no configuration file was given' : `${file} names no sources`;
  return new WhydError('config.no_sources', `there is no log to follow: ${where}`, {
    hint: 'List a denokv and a Postgres log under sources: and pass the file with --config (see whyd run --help).',
    exitCode: EXIT.badConfiguration,
  });
}
