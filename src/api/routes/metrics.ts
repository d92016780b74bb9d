import { Type } from 'typebox';
import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';

export function addMetricsRoute(app: TypedApp, { metrics }: RouteParts): void {
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'For Prometheus',
        produces: ['text/plain'],
        response: {
          200: { description: 'text format', content: { 'text/plain': { schema: Type.String() } } },
          '4xx': ProblemAnswer,
        },
      },
    },
    async (_request, reply) => {
      void reply.type('text/plain; version=0.0.4; charset=utf-8');
      return metrics();
    },
  );
}
