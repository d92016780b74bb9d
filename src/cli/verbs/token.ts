import type { Command } from 'commander';
import { readToken } from '../../config/token.ts';
import type { CliParts } from '../cli-parts.ts';

interface TokenFlags {
  readonly tokenFile?: string;
  readonly config?: string;
}

const EXAMPLES = `
Examples:
  curl -H "Authorization: Bearer $(whyd token)" http://127.0.0.1:7433/v1/failures`;

export function registerToken(program: Command, { terminal, env }: CliParts): void {
  program
    .command('token')
    .option('--token-file <file>', 'the file that holds it (WHYD_API_TOKEN_FILE; else beside the index)')
    .option('--config <file>', "the daemon's configuration file (WHYD_CONFIG)")
    .addHelpText('after', EXAMPLES)
    .action(async (flags: TokenFlags) => {
      const { loadConfig } = await import('../../config/load-config.ts');
      const config = loadConfig({ file: flags.config ?? null, env, flags: { tokenFile: flags.tokenFile } });
      terminal.out(await readToken(config.api.tokenFile));
    });
}
