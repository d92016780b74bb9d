import { X509Certificate } from 'node:crypto';
import { request as requestPlain, type ClientRequest } from 'node:http';
import { request as requestTls, type RequestOptions } from 'node:https';
import { Readable } from 'node:stream';
import { checkServerIdentity, rootCertificates, type PeerCertificate } from 'node:tls';

export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export type Fetch = (target: URL, asked: Asked) => Promise<Response>;

/**
 * Asks over TLS, and trusts one more certificate than the world does: the daemon's own, which is most often signed by nobody. Whoever shows that
 * very certificate need not be called what it says: it is asked for as 127.0.0.1. `fetch` itself cannot be told whom to trust.
 */
export function trustingFetch(certificate: string): Fetch {
  const own = new X509Certificate(certificate).fingerprint256;
  const checkName = (host: string, shown: PeerCertificate): Error | undefined =>
    shown.fingerprint256 === own ? undefined : checkServerIdentity(host, shown);
  return fetchBy(requestTls, {
    ca: [...rootCertificates, certificate],
    // One that a private authority signed is trusted as it stands, without the authority.
    allowPartialTrustChain: true,
    checkServerIdentity: checkName,
  });
}

/** Asks over a unix socket, which `fetch` itself cannot be told of. */
export function socketFetch(path: string): Fetch {
  return fetchBy(requestPlain, { socketPath: path });
}

function fetchBy(request: (target: URL, options: RequestOptions) => ClientRequest, options: RequestOptions): Fetch {
  return (target, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const asking = request(target, { ...options, method, headers, signal, agent: false });
      asking.on('error', reject);
      asking.on('response', (message) => {
        const { statusCode = 500 } = message;
        const isEmpty = statusCode === 204 || statusCode === 304;
        const type = message.headers['content-type'];
        resolve(
          new Response(isEmpty ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>), {
            status: statusCode,
            headers: type === undefined ? {} : { 'content-type': type },
          }),
        );
      });
      asking.end(body);
    });
}
