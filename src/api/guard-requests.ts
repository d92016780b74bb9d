import type { FastifyInstance } from 'fastify';
import { isAllowedHost, normaliseHost } from './check-host.ts';
import { tokenChecker } from './check-token.ts';
import { makeProblem, sendProblem } from './problem.ts';

export interface Guards {
  readonly token: string;
  readonly allowedHosts: readonly string[];
}

/** Nothing that whyd serves is to be framed, sniffed, cached or loaded by another site. There is no CORS header: other origins get nothing. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Host first, then token, on every request, unknown paths too: who has no token learns not even which paths exist. */
export function guardRequests(app: FastifyInstance, { token, allowedHosts }: Guards): void {
  const hosts = new Set(allowedHosts.map(normaliseHost));
  const isRightToken = tokenChecker(token);
  app.addHook('onRequest', (request, reply, done) => {
    if (!isAllowedHost(request.headers.host, hosts)) {
      const hint = `Address it as ${[...hosts].join(' or ')}.`;
      sendProblem(reply, makeProblem('host.not_allowed', 'whyd does not serve that host name', hint));
      return;
    }
    if (request.routeOptions.config.public !== true && !isRightToken(request.headers.authorization)) {
      void reply.header('www-authenticate', 'Bearer realm="whyd"');
      sendProblem(reply, makeProblem('auth.required', 'the Bearer token is missing or wrong', 'whyd token prints it.'));
      return;
    }
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!reply.hasHeader(name)) void reply.header(name, value);
    }
    done(null, payload);
  });
}
