import type { RouteParts, TypedApp } from '../app-parts.ts';
import { SourceListSchema } from '../schemas/source.ts';

export function addSourceRoute(app: TypedApp, { reader }: RouteParts): void {
  app.get(
    '/v1/sources',
    { schema: { summary: 'The health of each log', response: { 200: SourceListSchema } } },
    (_request, reply) => {
      void reply.send({ items: reader.sources() });
    },
  );
}
