import type { IssueStep } from '../../domain.ts';
import { EXIT, WhydError } from '../../errors.ts';
import type { RouteParts, TypedApp } from '../app-parts.ts';
import { ProblemAnswer } from '../problem.ts';
import { causeOf, found, momentOf, pageOf, spanMsOf, spanOf } from '../read-query.ts';
import { IssueIdSchema, IssueListSchema, IssueQuerySchema, IssueSchema, MuteSchema } from '../schemas/issue.ts';

const LONGEST_MUTE = { ms: 366 * 86_400_000, written: '366d' };

export function addIssueRoutes(app: TypedApp, { issues, misspelt, clock, stream }: RouteParts): void {
  app.get(
    '/v1/issues',
    {
      schema: {
        operationId: 'listIssues',
        summary: 'Issues, most recently seen first',
        querystring: IssueQuerySchema,
        response: { 200: IssueListSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      const { state, cause, since } = request.query;
      const { sinceUs } = spanOf(since === undefined ? {} : { since }, clock());
      const filter = {
        ...(state === undefined ? {} : { state }),
        ...causeOf(cause, misspelt),
        ...(sinceUs === undefined ? {} : { sinceUs }),
      };
      void reply.send(issues.page(filter, pageOf(request.query)));
    },
  );
  app.get(
    '/v1/issues/:id',
    {
      schema: {
        operationId: 'getIssue',
        summary: 'One issue, with its hours of the last month',
        params: IssueIdSchema,
        response: { 200: IssueSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      void reply.send(found(issues.byId(request.params.id), 'issue'));
    },
  );
  app.post(
    '/v1/issues/:id/mute',
    {
      config: { needs: 'admin' },
      schema: {
        operationId: 'muteIssue',
        summary: 'Mute an issue: for a while, until a moment, or until it is reopened',
        params: IssueIdSchema,
        body: MuteSchema,
        response: { 200: IssueSchema, '4xx': ProblemAnswer },
      },
    },
    (request, reply) => {
      void reply.send(take(request.params.id, { kind: 'mute', untilMs: muteEnd(request.body, clock().nowMs) }));
    },
  );
  for (const kind of ['resolve', 'reopen'] as const) {
    app.post(
      `/v1/issues/:id/${kind}`,
      {
        config: { needs: 'admin' },
        schema: {
          operationId: `${kind}Issue`,
          summary: kind === 'resolve' ? 'Resolve an issue: it regresses when it comes back' : 'Reopen an issue',
          params: IssueIdSchema,
          response: { 200: IssueSchema, '4xx': ProblemAnswer },
        },
      },
      (request, reply) => {
        void reply.send(take(request.params.id, { kind }));
      },
    );
  }

  function take(id: string, step: IssueStep): ReturnType<RouteParts['issues']['byId']> & object {
    const issue = found(issues.take(id, step), 'issue');
    stream.publish('issue', issue);
    return issue;
  }
}

function muteEnd(body: { readonly for?: string; readonly until?: string }, nowMs: number): number | null {
  if (body.for !== undefined && body.until !== undefined) {
    throw new WhydError('request.invalid', 'for and until exclude each other', { exitCode: EXIT.usage });
  }
  if (body.for !== undefined) return nowMs + spanMsOf('for', body.for, LONGEST_MUTE);
  if (body.until === undefined) return null;
  const untilMs = Math.floor(momentOf('until', body.until) / 1000);
  if (untilMs > nowMs && untilMs <= nowMs + LONGEST_MUTE.ms) return untilMs;
  throw new WhydError('request.bad_time', 'until: it has to lie ahead, within a year', { exitCode: EXIT.usage });
}
