import type { FastifyReply } from 'fastify';
import { Type, type Static } from 'typebox';

/** RFC 9457 problem details. `code` is stable; `type` is the same code as a URN. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ examples: ['urn:whyd:problem:failure.unknown'] }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.String(),
    hint: Type.Optional(Type.String()),
  },
  { $id: 'Problem', title: 'Problem' },
);

/** How a problem is answered with, in a route's `response`: under its own media type. */
export const ProblemAnswer = {
  description: 'a problem (RFC 9457)',
  content: { 'application/problem+json': { schema: ProblemSchema } },
};

export type Problem = Static<typeof ProblemSchema>;

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Every problem the API itself can answer with. */
export const PROBLEMS = {
  'request.invalid': { status: 400, title: 'The request is not valid' },
  'auth.required': { status: 401, title: 'A valid token is required' },
  'auth.forbidden': { status: 403, title: 'The token does not allow this' },
  'resource.unknown': { status: 404, title: 'There is no such thing' },
  'route.unknown': { status: 404, title: 'There is no such resource' },
  'method.not_allowed': { status: 405, title: 'The resource does not take this method' },
  'request.conflict': { status: 409, title: 'The thing is in another state' },
  'request.timeout': { status: 408, title: 'The request took too long to arrive' },
  'request.too_large': { status: 413, title: 'The request is too large' },
  'request.media_type': { status: 415, title: 'The media type is not supported' },
  'host.not_allowed': { status: 421, title: 'The Host header names another server' },
  'request.too_many': { status: 429, title: 'Too many requests' },
  'internal.error': { status: 500, title: 'The request failed inside whyd' },
  'service.busy': { status: 503, title: 'whyd is too busy at the moment' },
  'stream.full': { status: 503, title: 'Too many clients are listening' },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function makeProblem(code: ProblemCode, detail: string, hint?: string): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `urn:whyd:problem:${code}`, title, status, code, detail, ...(hint === undefined ? {} : { hint }) };
}

/** Sends a problem with its own status and media type. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  void reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
}
