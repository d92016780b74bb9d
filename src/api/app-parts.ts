import type { FastifyInstance, RawServerDefault, FastifyBaseLogger } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  EventFilter,
  EventRecord,
  FailureFilter,
  IncidentFilter,
  IncidentRecord,
  IndexReader,
  Issue,
  IssueFilter,
  IssueStep,
  JsonBytesOf,
  JsonOf,
  Marker,
  Page,
  PageRequest,
  Stats,
  Timeline,
  Verdict,
  WhyAnswer,
} from '../domain.ts';
import type { Clock } from '../time/parse-time.ts';
import type { HealthStatus } from './schemas/health.ts';
import type { StreamHub } from './stream-hub.ts';
import type { WebFiles } from './web-files.ts';

export interface StatsRequest {
  readonly sinceUs: number;
  readonly untilUs: number;
  readonly bucket: '1m' | '1h' | null;
}

/** What the routes are given; they reach nothing else. Where a thing is not there, the answer is null. */
export interface RouteParts {
  readonly reader: IndexReader;
  readonly failures: {
    page(filter: FailureFilter, page: PageRequest): JsonBytesOf<Page<Verdict>>;
    byId(id: string): { readonly json: JsonOf<Verdict>; readonly isSettled: boolean } | null;
  };
  readonly why: (query: string) => WhyAnswer;
  readonly timeline: (verdict: Verdict, windowUs: number) => Timeline;
  readonly issues: {
    page(filter: IssueFilter, page: PageRequest): Page<Issue>;
    byId(id: string): Issue | null;
    /** @throws WhydError `issue.illegal_step` */
    take(id: string, step: IssueStep): Issue | null;
  };
  readonly incidents: {
    page(filter: IncidentFilter, page: PageRequest): Page<IncidentRecord>;
    byId(id: string): IncidentRecord | null;
  };
  readonly events: {
    page(filter: EventFilter, page: PageRequest): Page<EventRecord>;
    byId(id: number): EventRecord | null;
  };
  readonly markers: {
    add(text: string, atUs: number): Marker;
    between(sinceUs: number, untilUs: number): readonly Marker[];
  };
  readonly stats: (request: StatsRequest) => JsonOf<Stats>;
  /** Null for a cause there is; else the nearest one, if any is near. */
  readonly misspelt: (cause: string) => { readonly nearest: string | null } | null;
  readonly stream: StreamHub;
  /** In Prometheus' text format, version 0.0.4. */
  readonly metrics: () => Promise<string>;
  readonly health: () => HealthStatus;
  readonly version: string;
  readonly clock: () => Clock;
  /** The built dashboard; null: there is none. */
  readonly web: WebFiles | null;
}

/** A fastify instance whose handlers take their types from TypeBox schemas. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
