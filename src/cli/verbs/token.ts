import { Option, type Command } from 'commander';
import { readToken } from '../../config/token.ts';
import type { ListedToken } from '../../config/token-list.ts';
import type { CliParts } from '../cli-parts.ts';
import { escapeOnOneLine, toJsonLine } from '../escape.ts';
import { formatTime } from '../format.ts';
import { tellZone } from '../list-verb.ts';
import { refuseUnknownVerb } from '../refuse-unknown-verb.ts';

interface TokenFlags {
  readonly tokenFile?: string;
  readonly config?: string;
  readonly json?: boolean;
}

interface CreateFlags extends TokenFlags {
  readonly role: ListedToken['role'];
}

const EXAMPLES = `
Examples:
  curl -H "Authorization: Bearer $(whyd token)" http://127.0.0.1:7433/v1/issues
  whyd token create grafana          # may read
  whyd token create deploys --role admin
  whyd token revoke grafana`;

const CREATE_EXAMPLES = `
Examples:
  whyd token create grafana > grafana.token
  whyd token create deploys --role admin

It is printed this once: the daemon keeps its digest only, and takes it at once.
An admin token may also mute and resolve issues and set markers.`;

export function registerToken(program: Command, parts: CliParts): void {
  const { terminal, env } = parts;
  const token = withFileOptions(program.command('token'))
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments()
    .action(async (flags: TokenFlags) => {
      refuseUnknownVerb(token, token);
      terminal.out(await readToken(await tokenFileOf(flags, env)));
    });
  registerCreate(token, parts);
  registerList(token, parts);
  registerRevoke(token, parts);
}

function registerCreate(token: Command, { terminal, env, clock }: CliParts): void {
  const role = new Option('--role <role>', 'what its holder may do').choices(['read', 'admin']).default('read');
  withFileOptions(token.command('create'))
    .description('make one more token, and print it this once')
    .argument('<name>', 'who will have it')
    .addOption(role)
    .addHelpText('after', CREATE_EXAMPLES)
    .action(async (name: string, _: unknown, command: Command) => {
      const flags: CreateFlags = command.optsWithGlobals();
      const { createListedToken, tokenListPath } = await import('../../config/token-list.ts');
      const path = tokenListPath(await tokenFileOf(flags, env));
      const made = createListedToken(path, { name, role: flags.role, nowMs: clock().nowMs });
      terminal.out(made.token);
      terminal.err(
        `whyd: this token may ${made.listed.role === 'admin' ? 'do all' : 'read'}; it cannot be shown again`,
      );
    });
}

function registerList(token: Command, parts: CliParts): void {
  const { terminal, env, clock } = parts;
  withFileOptions(token.command('list'))
    .description('list the tokens that were made so: id, role, when, name')
    .option('--json', 'print JSON, one token a line')
    .action(async (_: unknown, command: Command) => {
      const flags: TokenFlags = command.optsWithGlobals();
      const { readTokenList, tokenListPath } = await import('../../config/token-list.ts');
      const tokens = readTokenList(tokenListPath(await tokenFileOf(flags, env)));
      for (const { id, name, role, createdAt } of tokens) {
        const made = formatTime(createdAt, 'second', clock().zone);
        const line = `${id}  ${role.padEnd('admin'.length)}  ${made}  ${escapeOnOneLine(name)}`;
        terminal.out(flags.json === true ? toJsonLine({ id, name, role, createdAt }) : line);
      }
      if (flags.json === true) return;
      const newest = tokens.at(-1);
      if (newest === undefined) terminal.err('No token was made so.');
      else tellZone(newest.createdAt, parts);
    });
}

function registerRevoke(token: Command, { terminal, env, clock }: CliParts): void {
  withFileOptions(token.command('revoke'))
    .description('take a token away: it is refused from now on')
    .argument('<which>', 'its id or name')
    .action(async (which: string, _: unknown, command: Command) => {
      const flags: TokenFlags = command.optsWithGlobals();
      const { revokeListedToken, tokenListPath } = await import('../../config/token-list.ts');
      const { name } = revokeListedToken(tokenListPath(await tokenFileOf(flags, env)), which, clock().nowMs);
      terminal.err(`whyd: ${escapeOnOneLine(name)} is refused from now on`);
    });
}

function withFileOptions(command: Command): Command {
  return command
    .option('--token-file <file>', 'the file that holds it (WHYD_API_TOKEN_FILE; else beside the index)')
    .option('--config <file>', "the daemon's configuration file (WHYD_CONFIG)");
}

async function tokenFileOf({ tokenFile, config: file }: TokenFlags, env: CliParts['env']): Promise<string> {
  const { loadConfig } = await import('../../config/load-config.ts');
  return loadConfig({ file: file ?? null, env, flags: { tokenFile } }).api.tokenFile;
}
