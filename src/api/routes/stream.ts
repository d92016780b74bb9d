import { Type } from 'typebox';
import type { RouteParts, TypedApp } from '../app-parts.ts';
import { makeProblem, ProblemAnswer, sendProblem } from '../problem.ts';

const HeadersSchema = Type.Object({ 'last-event-id': Type.Optional(Type.String({ pattern: '^\\d{1,16}$' })) });

export function addStreamRoute(app: TypedApp, { stream }: RouteParts): void {
  app.get(
    '/v1/stream',
    {
      // HEAD would never end either.
      exposeHeadRoute: false,
      schema: {
        operationId: 'follow',
        summary: 'What happens, as server-sent events',
        description:
          'Events: failure, verdict.revised, issue, incident, marker, source; data is the JSON of the thing. A client that comes back with Last-Event-ID is given what it missed, or a reset event where that is no longer known.',
        headers: HeadersSchema,
        produces: ['text/event-stream'],
        response: {
          200: { description: 'never ends', content: { 'text/event-stream': { schema: Type.String() } } },
          '4xx': ProblemAnswer,
          503: ProblemAnswer,
        },
      },
    },
    (request, reply) => {
      const given = request.headers['last-event-id'];
      // Taken over from fastify: the response is written piece by piece and never ends by itself.
      void reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no');
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value);
      const release = stream.join(raw, given === undefined ? null : Number(given));
      if (release === null) {
        void reply.header('retry-after', '10');
        sendProblem(reply, makeProblem('stream.full', 'too many clients are listening'));
        return;
      }
      reply.hijack();
      raw.on('close', release);
    },
  );
  app.addHook('preClose', (done) => {
    stream.close();
    done();
  });
}
