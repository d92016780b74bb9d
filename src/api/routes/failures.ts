import type { FailureFilter } from '../../domain.ts';
import { EXIT, WhydError } from '../../errors.ts';
import { parseMoment, type Clock } from '../../time/parse-time.ts';
import type { Static } from 'typebox';
import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemSchema } from '../problem.ts';
import { FailureIdSchema, FailureListSchema, FailureQuerySchema, FailureSchema } from '../schemas/failure.ts';

type FailureQuery = Static<typeof FailureQuerySchema>;

const DEFAULT_LIMIT = 50;

export function addFailureRoutes(app: TypedApp, { reader, clock }: RouteParts): void {
  app.get(
    '/v1/failures',
    {
      schema: {
        summary: 'Failures, newest first',
        querystring: FailureQuerySchema,
        response: { 200: FailureListSchema, 400: ProblemSchema },
      },
    },
    (request, reply) => {
      const { limit, cursor } = request.query;
      const page = reader.failures(toFilter(request.query, clock()), {
        limit: limit ?? DEFAULT_LIMIT,
        cursor: cursor ?? null,
      });
      void reply.send(page);
    },
  );
  app.get(
    '/v1/failures/:id',
    {
      schema: { summary: 'One failure', params: FailureIdSchema, response: { 200: FailureSchema, 404: ProblemSchema } },
    },
    (request, reply) => {
      const verdict = reader.failureById(request.params.id);
      if (verdict === null) {
        throw new WhydError('failure.unknown', 'no failure has this id', { exitCode: EXIT.noMatch });
      }
      void reply.send(verdict);
    },
  );
}

function toFilter(query: FailureQuery, clock: Clock): FailureFilter {
  const { since, until, cause, operation, sqlstate, certainty, issue, q } = query;
  return {
    ...(since === undefined ? {} : { sinceUs: startOf('since', since, clock) }),
    ...(until === undefined ? {} : { untilUs: startOf('until', until, clock) }),
    ...(cause === undefined ? {} : { cause }),
    ...(operation === undefined ? {} : { operation }),
    ...(sqlstate === undefined ? {} : { sqlstate: sqlstate.toUpperCase() }),
    ...(certainty === undefined ? {} : { certainty }),
    ...(issue === undefined ? {} : { issue }),
    ...(q === undefined ? {} : { text: q }),
  };
}

function startOf(name: string, text: string, clock: Clock): number {
  const moment = parseMoment(text, clock);
  if (moment !== null) return moment.startUs;
  throw new WhydError('request.bad_time', `${name}: this is not a time`, {
    hint: 'Write ISO 8601, a local clock time (14:03:12) or a span (15m).',
    exitCode: EXIT.usage,
  });
}
