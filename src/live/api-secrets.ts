import { readFileSync } from 'node:fs';
import { sha256Of, type KnownToken } from '../api/check-token.ts';
import type { ApiConfig } from '../config/config.ts';
import { loadOrCreateToken } from '../config/token.ts';
import { EXIT, WhydError } from '../errors.ts';

export interface ApiTokens {
  /** The admin's token, for this host's own clients. */
  readonly token: string;
  /** All that the API accepts, by their digests. */
  readonly tokens: readonly KnownToken[];
}

/** Reads the tokens from their files, and makes those that are missing. Throws WhydError `token.*`. */
export async function loadTokens({ tokenFile, readTokenFile }: ApiConfig): Promise<ApiTokens> {
  const token = await loadOrCreateToken(tokenFile);
  const readToken = readTokenFile === undefined ? null : await loadOrCreateToken(readTokenFile);
  const reader: readonly KnownToken[] = readToken === null ? [] : [{ role: 'read', sha256: sha256Of(readToken) }];
  return { token, tokens: [{ role: 'admin', sha256: sha256Of(token) }, ...reader] };
}

/** Key and certificate; null: plain HTTP. Throws WhydError `config.tls_unreadable`. */
export function readTls({ tls }: ApiConfig): { readonly key: Buffer; readonly cert: Buffer } | null {
  if (tls === undefined) return null;
  return { key: readPem(tls.keyFile), cert: readPem(tls.certFile) };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new WhydError('config.tls_unreadable', `cannot read ${path}`, {
      hint: "Name files that the daemon's user may read under api.tls.",
      exitCode: EXIT.badConfiguration,
      cause: error,
    });
  }
}
