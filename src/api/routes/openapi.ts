import type { TypedApp } from '../app-parts.ts';

export function addOpenApiRoute(app: TypedApp): void {
  app.get('/openapi.json', { config: { public: true }, schema: { hide: true } }, (_request, reply) => {
    void reply.send(app.swagger());
  });
}
