import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { HealthSchema } from '../schemas/health.ts';

export function addHealthRoute(app: TypedApp, { health, version }: RouteParts): void {
  app.get(
    '/v1/health',
    {
      config: { public: true },
      schema: {
        operationId: 'getHealth',
        summary: 'Is it running?',
        security: [],
        response: { 200: HealthSchema, 503: HealthSchema, '4xx': ProblemAnswer },
      },
    },
    (_request, reply) => {
      const status = health();
      void reply.code(status === 'failing' ? 503 : 200).send({ status, version });
    },
  );
}
