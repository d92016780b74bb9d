import type { FastifyInstance, RawServerDefault, FastifyBaseLogger } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { IndexReader, WhyAnswer } from '../domain.ts';
import type { Clock } from '../time/parse-time.ts';
import type { HealthStatus } from './schemas/health.ts';

/** What the routes are given; they reach nothing else. */
export interface RouteParts {
  readonly reader: IndexReader;
  readonly why: (query: string) => WhyAnswer;
  readonly health: () => HealthStatus;
  readonly version: string;
  readonly clock: () => Clock;
}

/** A fastify instance whose handlers take their types from TypeBox schemas. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
