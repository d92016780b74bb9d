import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { systemClock } from '../time/system-clock.ts';
import type { RouteParts } from './app-parts.ts';
import { addFailureRoutes } from './routes/failures.ts';
import { addHealthRoute } from './routes/health.ts';
import { addOpenApiRoute } from './routes/openapi.ts';
import { addSourceRoute } from './routes/sources.ts';
import { addWhyRoute } from './routes/why.ts';
import { guardRequests } from './guard-requests.ts';
import { handleErrors, toProblem, type ReportError } from './handle-errors.ts';
import { sendProblem } from './problem.ts';
import { refuseMalformed } from './refuse-malformed.ts';
import { watchRoutes } from './route-table.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token. */
    public?: boolean;
  }
}

export interface ApiOptions extends Omit<RouteParts, 'clock'> {
  readonly token: string;
  /** Host names by which callers may address the server, without port: `127.0.0.1`, `localhost`, `::1`. */
  readonly allowedHosts: readonly string[];
  /** What times without a zone in a query mean; this host's clock when absent. */
  readonly clock?: RouteParts['clock'];
  /** Told of each error behind a 500. */
  readonly onError?: ReportError;
}

const BODY_LIMIT_BYTES = 16 * 1_024;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;

/** Builds the HTTP API, not yet listening. `close()` may be called twice and ends idle connections. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { token, allowedHosts, onError: report = () => undefined } = options;
  const parts: RouteParts = { ...options, clock: options.clock ?? systemClock };
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: true,
    // Ajv would else drop an unknown query parameter in silence, and so answer another question.
    ajv: { customOptions: { removeAdditional: false } },
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      sendProblem(reply, toProblem(error, report));
    },
    clientErrorHandler: refuseMalformed,
  }).withTypeProvider<TypeBoxTypeProvider>();
  // The domain's types are what is sent; serializing by schema would drop a field that a later verdict has and the schema not yet.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const routes = watchRoutes(app);
  guardRequests(app, { token, allowedHosts });
  handleErrors(app, routes, report);
  void app.register(swagger, { openapi: openApiHead(options.version) });
  // Inside a plugin, so that the routes come after swagger's own hooks and appear in its document.
  void app.register((scope, _options, done) => {
    const typed = scope.withTypeProvider<TypeBoxTypeProvider>();
    addWhyRoute(typed, parts);
    addFailureRoutes(typed, parts);
    addSourceRoute(typed, parts);
    addHealthRoute(typed, parts);
    addOpenApiRoute(typed);
    done();
  });
  return app;
}

function openApiHead(version: string): NonNullable<FastifyDynamicSwaggerOptions['openapi']> {
  return {
    openapi: '3.1.0',
    info: { title: 'whyd', version, description: 'Why denokv answered 500, by the log line that caused it.' },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{ bearer: [] }],
  };
}
