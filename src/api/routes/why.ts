import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { WhyAnswerSchema, WhyQuerySchema } from '../schemas/why.ts';

export function addWhyRoute(app: TypedApp, { why }: RouteParts): void {
  app.get(
    '/v1/why',
    {
      schema: {
        operationId: 'askWhy',
        summary: 'Why did it fail?',
        querystring: WhyQuerySchema,
        response: { 200: WhyAnswerSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      void reply.send(why(request.query.q));
    },
  );
}
