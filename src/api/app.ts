import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { systemClock } from '../time/system-clock.ts';
import type { RouteParts, TypedApp } from './app-parts.ts';
import type { KnownToken } from './check-token.ts';
import { addDashboardRoutes } from './routes/dashboard.ts';
import { addEventRoutes } from './routes/events.ts';
import { addFailureRoutes } from './routes/failures.ts';
import { addHealthRoute } from './routes/health.ts';
import { addIncidentRoutes } from './routes/incidents.ts';
import { addIssueRoutes } from './routes/issues.ts';
import { addMarkerRoutes } from './routes/markers.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addOpenApiRoute } from './routes/openapi.ts';
import { addSourceRoute } from './routes/sources.ts';
import { addStatsRoute } from './routes/stats.ts';
import { addStreamRoute } from './routes/stream.ts';
import { addWhyRoute } from './routes/why.ts';
import { compileWhenAsked } from './compile-when-asked.ts';
import { guardRequests } from './guard-requests.ts';
import { handleErrors, toProblem, type ReportError } from './handle-errors.ts';
import { harden } from './harden.ts';
import { sendProblem } from './problem.ts';
import { refuseMalformed } from './refuse-malformed.ts';
import { watchRoutes } from './route-table.ts';
import { tellInvalid } from './tell-invalid.ts';
import { readWebFiles } from './web-files.ts';

export interface ApiOptions extends Omit<RouteParts, 'clock' | 'web'> {
  /** The folder of the built dashboard; null: there is none. */
  readonly webFolder: string | null;
  /** Who may ask, and what. */
  readonly tokens: () => readonly KnownToken[];
  /** Host names by which callers may address the server, without port: `127.0.0.1`, `localhost`, `::1`. */
  readonly allowedHosts: readonly string[];
  /** What times without a zone in a query mean; this host's clock when absent. */
  readonly clock?: RouteParts['clock'];
  /** Key and certificate, PEM; null: plain HTTP. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer } | null;
  /** Requests come through a proxy on this host: X-Forwarded-For says from whom. */
  readonly isBehindProxy?: boolean;
  /** It listens on a unix socket: whoever asks there has no address of his own. */
  readonly isOnSocket?: boolean;
  /** Requests a minute from one address. */
  readonly rateLimit?: number;
  /** How long a caller may take to send a request, milliseconds. */
  readonly requestTimeoutMs?: number;
  /** Told of each error behind a 500. */
  readonly onError?: ReportError;
}

const BODY_LIMIT_BYTES = 16 * 1_024;
const REQUEST_TIMEOUT_MS = 10_000;
/** Node looks for slow callers only now and then; by itself twice a minute. */
const CHECKS_PER_TIMEOUT = 5;
/** On a host that is starved of CPU a shorter one runs out while a question is already on its way, which is then answered by a reset. */
const KEEP_ALIVE_TIMEOUT_MS = 60_000;

/** Builds the HTTP API, not yet listening. `close()` may be called twice and ends idle connections. */
export function buildApi(options: ApiOptions): FastifyInstance {
  const { tokens, allowedHosts, tls = null, onError: report = () => undefined } = options;
  const web = readWebFiles(options.webFolder);
  const parts: RouteParts = { ...options, clock: options.clock ?? systemClock, web };
  const timeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const patience = { headersTimeout: timeoutMs, connectionsCheckingInterval: timeoutMs / CHECKS_PER_TIMEOUT };
  const app: FastifyInstance = fastify({
    ...(tls === null ? { http: patience } : { https: { ...tls, ...patience, minVersion: 'TLSv1.2' as const } }),
    trustProxy: trustedProxies(options),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: timeoutMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: true,
    // Ajv would else drop an unknown query parameter in silence, and so answer another question.
    ajv: { customOptions: { removeAdditional: false, verbose: true } },
    schemaErrorFormatter: tellInvalid,
    schemaController: { compilersFactory: { buildValidator: compileWhenAsked } },
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply, toProblem(error, report));
    },
    clientErrorHandler: refuseMalformed,
  } as FastifyServerOptions);
  // The domain's types are what is sent; serializing by schema would drop a field that a later verdict has and the schema not yet.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const routes = watchRoutes(app);
  handleErrors(app, routes, report);
  harden(app, { ...options, styleHashes: web?.styleHashes ?? [] });
  void app.after(() => {
    guardRequests(app, { tokens, allowedHosts });
  });
  void app.register(swagger, { openapi: openApiHead(options.version) });
  // Inside a plugin, so that the routes come after swagger's own hooks and appear in its document.
  void app.register((scope, _options, done) => {
    const typed = scope.withTypeProvider<TypeBoxTypeProvider>();
    for (const add of ROUTES) add(typed, parts);
    done();
  });
  return app;
}

/** A proxy on this host: its address is the loopback's, or it came by the socket, where it stands for itself alone. */
function trustedProxies({ isBehindProxy = false, isOnSocket = false }: ApiOptions): FastifyServerOptions['trustProxy'] {
  if (!isBehindProxy) return false;
  return isOnSocket ? (_address, hop) => hop === 0 : ['loopback'];
}

const ROUTES: readonly ((app: TypedApp, parts: RouteParts) => void)[] = [
  addWhyRoute,
  addFailureRoutes,
  addIssueRoutes,
  addIncidentRoutes,
  addEventRoutes,
  addStatsRoute,
  addSourceRoute,
  addMarkerRoutes,
  addStreamRoute,
  addMetricsRoute,
  addHealthRoute,
  addOpenApiRoute,
  addDashboardRoutes,
];

function openApiHead(version: string): NonNullable<FastifyDynamicSwaggerOptions['openapi']> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'whyd',
      version,
      description: 'Why denokv answered 500, by the log line that caused it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{ bearer: [] }],
  };
}
