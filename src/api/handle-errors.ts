import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EXIT, WhydError, type ExitCode } from '../errors.ts';
import { makeProblem, sendProblem, type Problem, type ProblemCode } from './problem.ts';
import type { RouteTable } from './route-table.ts';

/** Called once for each error that became a 500, so that the composition root can log it. */
export type ReportError = (error: unknown) => void;

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  408: 'request.timeout',
  413: 'request.too_large',
  415: 'request.media_type',
  429: 'request.too_many',
  503: 'service.busy',
};

/** Every error, thrown or routed nowhere, leaves as a problem document; a 500 tells nothing of its cause. */
export function handleErrors(app: FastifyInstance, routes: RouteTable, report: ReportError): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    sendProblem(reply, toProblem(error, report));
  });
  app.setNotFoundHandler((request, reply) => {
    sendNotFound(request, reply, routes);
  });
}

/** The exit codes of a WhydError that blame the request, and what they are in HTTP. */
const CODE_OF_EXIT: Readonly<Partial<Record<ExitCode, ProblemCode>>> = {
  [EXIT.usage]: 'request.invalid',
  [EXIT.noMatch]: 'resource.unknown',
};

/** Errors that blame the request and are more than a bad one. */
const CODE_OF_ERROR: Readonly<Record<string, ProblemCode>> = { 'issue.illegal_step': 'request.conflict' };

/** The problem that an error becomes. A WhydError that blames the request keeps its own code. */
export function toProblem(error: unknown, report: ReportError): Problem {
  const blamed = error instanceof WhydError ? (CODE_OF_ERROR[error.code] ?? CODE_OF_EXIT[error.exitCode]) : undefined;
  if (error instanceof WhydError && blamed !== undefined) {
    const problem = makeProblem(blamed, error.message, error.hint ?? undefined);
    return { ...problem, code: error.code, type: `urn:whyd:problem:${error.code}` };
  }
  const status = statusOf(error);
  if (status !== null && ((status >= 400 && status < 500) || status === 503)) {
    return makeProblem(CODE_OF_STATUS[status] ?? 'request.invalid', error instanceof Error ? error.message : '');
  }
  report(error);
  return makeProblem('internal.error', "whyd could not answer this request; the daemon's log says why");
}

function sendNotFound(request: FastifyRequest, reply: FastifyReply, routes: RouteTable): void {
  const path = request.url.split('?', 1)[0] ?? '';
  const methods = routes.methodsOf(path);
  if (methods.length === 0) {
    sendProblem(reply, makeProblem('route.unknown', 'no resource has this path', 'See /openapi.json.'));
    return;
  }
  void reply.header('allow', methods.join(', '));
  sendProblem(reply, makeProblem('method.not_allowed', `this resource takes ${methods.join(', ')}`));
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  return typeof error.statusCode === 'number' ? error.statusCode : null;
}
