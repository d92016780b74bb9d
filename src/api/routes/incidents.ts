import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { causeOf, found, pageOf, spanOf } from '../read-query.ts';
import { IncidentIdSchema, IncidentListSchema, IncidentQuerySchema, IncidentSchema } from '../schemas/incident.ts';

/** An incident's own causes, beside those of failures. */
const OWN_CAUSES: ReadonlySet<string> = new Set(['lock_pile_up']);

export function addIncidentRoutes(app: TypedApp, { incidents, misspelt, clock }: RouteParts): void {
  app.get(
    '/v1/incidents',
    {
      schema: {
        operationId: 'listIncidents',
        summary: 'Incidents, newest first',
        querystring: IncidentQuerySchema,
        response: { 200: IncidentListSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const { cause, open } = request.query;
      const filter = {
        ...spanOf(request.query, clock()),
        ...causeOf(cause, (given) => (OWN_CAUSES.has(given) ? null : misspelt(given))),
        ...(open === undefined ? {} : { open }),
      };
      void reply.send(incidents.page(filter, pageOf(request.query)));
    },
  );
  app.get(
    '/v1/incidents/:id',
    {
      schema: {
        operationId: 'getIncident',
        summary: 'One incident',
        params: IncidentIdSchema,
        response: { 200: IncidentSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      void reply.send(found(incidents.byId(request.params.id), 'incident'));
    },
  );
}
