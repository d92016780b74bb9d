import { Type } from 'typebox';
import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { found, pageOf, spanOf } from '../read-query.ts';
import { sendFinal } from '../send-json.ts';
import { EventIdSchema, EventListSchema, EventQuerySchema, EventSchema } from '../schemas/event.ts';

export function addEventRoutes(app: TypedApp, { events, clock }: RouteParts): void {
  app.get(
    '/v1/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'What the logs said, newest first',
        description:
          'A page looks through 20,000 events at most: with a filter that few of them pass, it may hold fewer than its limit and still have a nextCursor.',
        querystring: EventQuerySchema,
        response: { 200: EventListSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const { kind, severity, sqlstate, pid, q } = request.query;
      const filter = {
        ...spanOf(request.query, clock()),
        ...(kind === undefined ? {} : { kind }),
        ...(severity === undefined ? {} : { severity }),
        ...(sqlstate === undefined ? {} : { sqlstate: sqlstate.toUpperCase() }),
        ...(pid === undefined ? {} : { pid }),
        ...(q === undefined ? {} : { text: q }),
      };
      void reply.send(events.page(filter, pageOf(request.query)));
    },
  );
  app.get(
    '/v1/events/:id',
    {
      schema: {
        operationId: 'getEvent',
        summary: 'One event; with an ETag, for a fuller version of it has another id',
        params: EventIdSchema,
        response: { 200: EventSchema, 304: Type.Null({ description: 'it is what you have' }), '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      sendFinal(request, reply, JSON.stringify(found(events.byId(request.params.id), 'event')));
    },
  );
}
