import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasEtag } from '../etag.ts';
import type { WebFile, WebFiles } from '../web-files.ts';

/** The dashboard's own pages: each is the same document, which reads its address. */
const PAGES = [
  '/',
  '/failures',
  '/failures/:id',
  '/issues',
  '/issues/:id',
  '/incidents',
  '/incidents/:id',
  '/search',
  '/sources',
] as const;
const NOT_BUILT = 'The dashboard is not part of this build. The API answers under /v1, see /openapi.json.\n';
const FOR_GOOD = 'public, max-age=31536000, immutable';

/** Serves the built dashboard: it holds no data, so it needs no token; what it shows it asks the API for, with one. */
export function addDashboardRoutes(app: FastifyInstance, { web }: { readonly web: WebFiles | null }): void {
  const route = { schema: { hide: true }, config: { public: true } };
  if (web === null) {
    app.get('/', route, (_request, reply) => {
      void reply.type('text/plain; charset=utf-8').send(NOT_BUILT);
    });
    return;
  }
  for (const path of PAGES) {
    app.get(path, route, (request, reply) => {
      sendFile(request, reply, web.page);
    });
  }
  // By name only: there is no way from a path to the disk.
  for (const [path, file] of web.others) {
    app.get(`/${path}`, route, (request, reply) => {
      sendFile(request, reply, file);
    });
  }
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: WebFile): void {
  void reply
    .header('cache-control', file.isLasting ? FOR_GOOD : 'no-cache')
    .header('etag', file.etag)
    .header('vary', 'accept-encoding');
  if (hasEtag(request.headers['if-none-match'], file.etag)) {
    void reply.code(304).send();
  } else if (takesGzip(request.headers['accept-encoding'])) {
    void reply.type(file.type).header('content-encoding', 'gzip').send(file.gzipped);
  } else {
    void reply.type(file.type).send(file.body);
  }
}

function takesGzip(accepted: string | string[] | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))/i.test(String(accepted ?? ''));
}
