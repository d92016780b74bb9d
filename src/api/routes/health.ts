import type { RouteParts, TypedApp } from '../app-parts.ts';
import { HealthSchema } from '../schemas/health.ts';

export function addHealthRoute(app: TypedApp, { health, version }: RouteParts): void {
  app.get(
    '/v1/health',
    {
      config: { public: true },
      schema: { summary: 'Is it running?', security: [], response: { 200: HealthSchema, 503: HealthSchema } },
    },
    (_request, reply) => {
      const status = health();
      void reply.code(status === 'failing' ? 503 : 200).send({ status, version });
    },
  );
}
