import { Type, type Static } from 'typebox';
import type { FailureFilter } from '../../domain.ts';
import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { causeOf, found, pageOf, spanMsOf, spanOf } from '../read-query.ts';
import { sendFinal, sendJson } from '../send-json.ts';
import { TimelineQuerySchema, TimelineSchema } from '../schemas/event.ts';
import { FailureIdSchema, FailureListSchema, FailureQuerySchema, FailureSchema } from '../schemas/failure.ts';

type FailureQuery = Static<typeof FailureQuerySchema>;

const DEFAULT_WINDOW = '10s';
const LONGEST_WINDOW = { ms: 600_000, written: '10m' };

export function addFailureRoutes(app: TypedApp, parts: RouteParts): void {
  const { failures, reader, timeline } = parts;
  app.get(
    '/v1/failures',
    {
      schema: {
        operationId: 'listFailures',
        summary: 'Failures, newest first',
        querystring: FailureQuerySchema,
        response: { 200: FailureListSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      sendJson(reply, failures.page(toFilter(request.query, parts), pageOf(request.query)));
    },
  );
  app.get(
    '/v1/failures/:id',
    {
      schema: {
        operationId: 'getFailure',
        summary: 'One failure; with an ETag once it is final',
        params: FailureIdSchema,
        response: { 200: FailureSchema, 304: Type.Null({ description: 'it is what you have' }), '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const { json, isSettled } = found(failures.byId(request.params.id), 'failure');
      if (isSettled) sendFinal(request, reply, json);
      else sendJson(reply, json);
    },
  );
  app.get(
    '/v1/failures/:id/timeline',
    {
      schema: {
        operationId: 'getTimeline',
        summary: 'Both logs around one failure, in one sequence',
        params: FailureIdSchema,
        querystring: TimelineQuerySchema,
        response: { 200: TimelineSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const windowUs = spanMsOf('window', request.query.window ?? DEFAULT_WINDOW, LONGEST_WINDOW) * 1_000;
      void reply.send(timeline(found(reader.failureById(request.params.id), 'failure'), windowUs));
    },
  );
}

function toFilter(query: FailureQuery, { clock, misspelt }: RouteParts): FailureFilter {
  const { cause, operation, sqlstate, certainty, issue, incident, q } = query;
  return {
    ...spanOf(query, clock()),
    ...causeOf(cause, misspelt),
    ...(operation === undefined ? {} : { operation }),
    ...(sqlstate === undefined ? {} : { sqlstate: sqlstate.toUpperCase() }),
    ...(certainty === undefined ? {} : { certainty }),
    ...(issue === undefined ? {} : { issue }),
    ...(incident === undefined ? {} : { incident }),
    ...(q === undefined ? {} : { text: q }),
  };
}
