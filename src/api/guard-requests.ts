import type { FastifyInstance } from 'fastify';
import { isAllowedHost, normaliseHost } from './check-host.ts';
import { tokenChecker, type KnownToken, type Role } from './check-token.ts';
import { makeProblem, sendProblem } from './problem.ts';

export interface Guards {
  /** Read anew for each request, so that a revoked token is refused at once. */
  readonly tokens: () => readonly KnownToken[];
  readonly allowedHosts: readonly string[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token. */
    public?: boolean;
    /** Answered to an admin token only. */
    needs?: Role;
  }
}

/** Host first, then token, on every request, unknown paths too: who has no token learns not even which paths exist. */
export function guardRequests(app: FastifyInstance, { tokens, allowedHosts }: Guards): void {
  const hosts = new Set(allowedHosts.map(normaliseHost));
  const roleOf = tokenChecker(tokens);
  app.addHook('onRequest', (request, reply, done) => {
    if (!isAllowedHost(request.headers.host, hosts)) {
      const hint = `Address it as ${[...hosts].join(' or ')}, or list the name under api.hosts.`;
      sendProblem(reply, makeProblem('host.not_allowed', 'whyd does not serve that host name', hint));
      return;
    }
    const { config } = request.routeOptions;
    const role = config.public === true ? null : roleOf(request.headers.authorization);
    if (config.public !== true && role === null) {
      void reply.header('www-authenticate', 'Bearer realm="whyd"');
      sendProblem(reply, makeProblem('auth.required', 'the Bearer token is missing or wrong', 'whyd token prints it.'));
      return;
    }
    if (config.needs === 'admin' && role !== 'admin') {
      sendProblem(
        reply,
        makeProblem('auth.forbidden', 'this token may only read', 'Use the token that whyd token prints.'),
      );
      return;
    }
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    done(null, payload);
  });
}
