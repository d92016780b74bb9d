import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { SourceListSchema } from '../schemas/source.ts';

export function addSourceRoute(app: TypedApp, { reader }: RouteParts): void {
  app.get(
    '/v1/sources',
    {
      schema: {
        operationId: 'listSources',
        summary: 'The health of each log',
        response: { 200: SourceListSchema, '4xx': ProblemAnswer },
      },
    },
    (_request, reply) => {
      void reply.send({ items: reader.sources() });
    },
  );
}
