import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { spanOf } from '../read-query.ts';
import { sendJson } from '../send-json.ts';
import { StatsQuerySchema, StatsSchema } from '../schemas/stats.ts';

const DEFAULT_SPAN_US = 3_600_000_000;

export function addStatsRoute(app: TypedApp, { stats, clock }: RouteParts): void {
  app.get(
    '/v1/stats',
    {
      schema: {
        operationId: 'getStats',
        summary: 'How many failures, when and of what; the last hour unless told otherwise',
        querystring: StatsQuerySchema,
        response: { 200: StatsSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const now = clock();
      const { sinceUs, untilUs = now.nowMs * 1000 } = spanOf(request.query, now);
      sendJson(
        reply,
        stats({ sinceUs: sinceUs ?? untilUs - DEFAULT_SPAN_US, untilUs, bucket: request.query.bucket ?? null }),
      );
    },
  );
}
