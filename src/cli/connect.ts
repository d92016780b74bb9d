import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { ApiConfig } from '../config/config.ts';
import { showAddress } from '../config/listen-address.ts';
import { readToken } from '../config/token.ts';
import { EXIT, WhydError } from '../errors.ts';
import type { CliParts } from './cli-parts.ts';
import { createClient, type Client } from './client.ts';

/** The flags of every verb that asks the daemon. */
export interface ConnectFlags {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly config?: string;
}

export function addConnectOptions(command: Command): Command {
  return command
    .option('--url <url>', "the daemon's address (WHYD_URL; else from the configuration; else http://127.0.0.1:7433)")
    .option('--token-file <file>', 'the file that holds its token (WHYD_API_TOKEN_FILE; else beside the index)')
    .option('--config <file>', "the daemon's configuration file (WHYD_CONFIG)");
}

/** A client for the daemon that flags, environment or configuration name. Throws WhydError `config.*` or `token.*`. */
export async function connect(flags: ConnectFlags, { env }: CliParts): Promise<Client> {
  const { loadConfig } = await import('../config/load-config.ts');
  const config = loadConfig({ file: flags.config ?? null, env, flags: { tokenFile: flags.tokenFile } });
  const token = await readTokenIfAny(config.api.tokenFile);
  const url = flags.url ?? env['WHYD_URL'] ?? addressUrl(config.api);
  const certificate = config.api.tls === undefined ? undefined : readCertificate(config.api.tls.certFile);
  return createClient({
    url,
    token,
    tokenFile: config.api.tokenFile,
    ...(certificate === undefined ? {} : { certificate }),
  });
}

async function readTokenIfAny(path: string): Promise<string | null> {
  try {
    return await readToken(path);
  } catch (error) {
    if (error instanceof WhydError && error.code === 'token.missing') return null;
    throw error;
  }
}

/** Throws WhydError `config.tls_unreadable`. */
function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new WhydError('config.tls_unreadable', `cannot read the daemon's certificate ${path}`, {
      hint: 'Let this user read it: a certificate is no secret, its key is. Or name another address with --url.',
      exitCode: EXIT.badConfiguration,
      cause: error,
    });
  }
}

function addressUrl({ listen, tls }: ApiConfig): string {
  const address = showAddress(listen);
  return 'socket' in listen ? address : `${tls === undefined ? 'http' : 'https'}://${address}`;
}
