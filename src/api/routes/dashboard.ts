import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../app-parts.ts';

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
/** Named by their content, so they never change. */
const ASSETS_MAX_AGE_MS = 365 * 86_400_000;
const NOT_BUILT = 'The dashboard is not part of this build. The API answers under /v1, see /openapi.json.\n';

/** Serves the built dashboard: it holds no data, so it needs no token; what it shows it asks the API for, with one. */
export function addDashboardRoutes(app: FastifyInstance, { webFolder }: Pick<RouteParts, 'webFolder'>): void {
  const schema = { hide: true };
  const config = { public: true };
  if (webFolder === null || !existsSync(join(webFolder, 'index.html'))) {
    app.get('/', { schema, config }, (_request, reply) => {
      void reply.type('text/plain; charset=utf-8').send(NOT_BUILT);
    });
    return;
  }
  void app.register(fastifyStatic, { root: webFolder, serve: false, dotfiles: 'ignore' });
  for (const path of PAGES) {
    app.get(path, { schema, config }, (_request, reply) => {
      void reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false });
    });
  }
  app.get<{ Params: { file: string } }>('/:file', { schema, config }, (request, reply) => {
    const { file } = request.params;
    // Only a file of this very folder: what is not one is told like any unknown path.
    if (/^[\w-]+\.(?:svg|ico|png|txt|webmanifest)$/.test(file)) {
      void reply.header('cache-control', 'no-cache').sendFile(file, { cacheControl: false });
    } else {
      reply.callNotFound();
    }
  });
  app.get<{ Params: { '*': string } }>('/assets/*', { schema, config }, (request, reply) => {
    const { '*': path } = request.params;
    // No way up and out of the folder of what never changes.
    if (/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(path)) {
      void reply.sendFile(`assets/${path}`, { maxAge: ASSETS_MAX_AGE_MS, immutable: true });
    } else {
      reply.callNotFound();
    }
  });
}
