import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { LoopDelay } from './loop-delay.ts';
import { makeProblem, sendProblem } from './problem.ts';

export interface Hardening {
  readonly tls?: object | null;
  readonly rateLimit?: number;
  /** Of the styles that stand in the dashboard's page, as the policy names them. */
  readonly styleHashes: readonly string[];
  readonly loopDelay?: Pick<LoopDelay, 'lastingMs' | 'stop'>;
}

/** A dashboard that is open asks some times a minute, a script may ask often: this is for what has run wild. */
const REQUESTS_PER_MINUTE = 6000;
/** Past this the process thrashes, and further requests only make it worse. A host that is starved of CPU alone does not come near. */
const MAX_LOOP_DELAY_MS = 10_000;

/** Headers, limits and the brake, on every answer. Nothing that whyd serves is to be framed, sniffed or loaded by another site; there is no CORS header. */
export function harden(
  app: FastifyInstance,
  { tls = null, rateLimit: max = REQUESTS_PER_MINUTE, styleHashes, loopDelay = new LoopDelay() }: Hardening,
): void {
  void app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", ...styleHashes],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // On plain HTTP it says nothing, and on a host with other services it would speak for them too.
    strictTransportSecurity: tls === null ? false : { maxAge: 31_536_000, includeSubDomains: false },
  });
  void app.register(rateLimit, {
    max,
    timeWindow: 60_000,
    // Who comes by a unix socket has no address, whatever fastify's types say.
    keyGenerator: ({ ip }: { readonly ip: string | undefined }) => ip ?? 'socket',
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
  });
  app.addHook('onClose', (_app, done) => {
    loopDelay.stop();
    done();
  });
  app.addHook('onRequest', (_request, reply, next) => {
    if (loopDelay.lastingMs <= MAX_LOOP_DELAY_MS) {
      next();
      return;
    }
    void reply.header('retry-after', '5');
    sendProblem(reply, makeProblem('service.busy', 'the process cannot keep up', 'Ask again in some seconds.'));
  });
}
