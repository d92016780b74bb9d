import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { momentOf, spanOf } from '../read-query.ts';
import { MarkerBodySchema, MarkerListSchema, MarkerQuerySchema, MarkerSchema } from '../schemas/marker.ts';

export function addMarkerRoutes(app: TypedApp, { markers, clock, stream }: RouteParts): void {
  app.post(
    '/v1/markers',
    {
      config: { needs: 'admin' },
      schema: {
        operationId: 'addMarker',
        summary: 'Say that something was done: a deploy, a migration',
        body: MarkerBodySchema,
        response: { 201: MarkerSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const { text, at } = request.body;
      const marker = markers.add(text, at === undefined ? clock().nowMs * 1000 : momentOf('at', at));
      stream.publish('marker', marker);
      void reply.code(201).send(marker);
    },
  );
  app.get(
    '/v1/markers',
    {
      schema: {
        operationId: 'listMarkers',
        summary: 'Markers, newest first',
        querystring: MarkerQuerySchema,
        response: { 200: MarkerListSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const { sinceUs = 0, untilUs = Number.MAX_SAFE_INTEGER } = spanOf(request.query, clock());
      void reply.send({ items: markers.between(sinceUs, untilUs), nextCursor: null });
    },
  );
}
