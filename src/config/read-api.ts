import { dirname, join, resolve } from 'node:path';
import { EXIT, WhydError } from '../errors.ts';
import { DEFAULTS, type ApiConfig } from './config.ts';
import { isLoopback, showAddress } from './listen-address.ts';
import type { Settings } from './settings.ts';

/**
 * How the API is reached. What other machines can reach has to be encrypted: by whyd itself, or by a proxy that somebody vouches for.
 * @param where the setting that names the address, for the complaint
 * @throws WhydError `config.*`
 */
export function readApi(given: Settings, indexPath: string, where: string): ApiConfig {
  const listen = given['api.listen'] ?? DEFAULTS.listen;
  const [cert, key] = [given['api.tls.cert_file'], given['api.tls.key_file']];
  if ((cert === undefined) !== (key === undefined)) {
    throw new WhydError('config.half_tls', `api.tls: ${cert === undefined ? 'cert_file' : 'key_file'} is missing`, {
      hint: 'Give both files, certificate and key, or neither.',
      exitCode: EXIT.badConfiguration,
    });
  }
  if ('socket' in listen && cert !== undefined) {
    throw new WhydError('config.wrong_key', 'api.tls: a unix socket has no use for certificates', {
      hint: 'Take api.tls out: nobody reaches a socket but over this host. Or listen on host:port.',
      exitCode: EXIT.badConfiguration,
    });
  }
  const isBehindProxy = given['api.behind_proxy'] ?? false;
  if (!('socket' in listen) && !isLoopback(listen.host) && cert === undefined && !isBehindProxy) {
    throw new WhydError(
      'config.listen_not_loopback',
      `${where}: "${showAddress(listen)}" is reachable from other machines, and nothing would be encrypted`,
      {
        hint: 'Listen on loopback (127.0.0.1:7433) and use ssh -L; or give api.tls files; or say behind_proxy: true where a TLS proxy stands before it.',
        exitCode: EXIT.badConfiguration,
      },
    );
  }
  const readToken = given['api.read_token_file'];
  const rateLimit = given['api.rate_limit'];
  return {
    listen,
    tokenFile: resolve(given['api.token_file'] ?? join(dirname(indexPath), DEFAULTS.tokenFileName)),
    ...(readToken === undefined ? {} : { readTokenFile: resolve(readToken) }),
    ...(given['api.hosts'] === undefined ? {} : { hosts: given['api.hosts'] }),
    ...(isBehindProxy ? { isBehindProxy } : {}),
    ...(cert === undefined || key === undefined ? {} : { tls: { certFile: resolve(cert), keyFile: resolve(key) } }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}
