import type { Instant } from '../../domain.ts';
import { parseRfc3339 } from '../../time/rfc3339.ts';
import type { ZoneResolver } from '../../time/zone.ts';
import { isObject, parseObject, valueAt, type JsonObject } from '../json.ts';
import { clientOf, pathOf, requestIdOf, requestLineOf, secondsToMs, statusOf, type AccessForm } from './access-line.ts';
import { laterBy, parseCommonLogTime } from './common-log-time.ts';

/** Names that configurations give to one thing, the best of them first; a dot goes one object deeper. */
const KEYS = {
  status: ['status', 'DownstreamStatus', 'response_code', 'status_code', 'http_status'],
  method: ['method', 'request_method', 'request.method', 'RequestMethod'],
  target: ['uri', 'request_uri', 'request.uri', 'path', 'RequestPath', 'url', ':path', 'x-envoy-original-path'],
  request: ['request', 'request_line'],
  requestId: [
    'request_id',
    'x_request_id',
    'http_x_request_id',
    'x-request-id',
    'req_id',
    'traceparent',
    'http_traceparent',
    'request.headers.Traceparent',
    'request.headers.X-Request-Id',
    'request_Traceparent',
    'request_X-Request-Id',
    'trace_id',
  ],
  client: [
    'remote_addr',
    'request.remote_ip',
    'request.client_ip',
    'request.remote_addr',
    'ClientHost',
    'client',
    'client_ip',
    'downstream_remote_address',
  ],
  seconds: ['request_time', 'upstream_response_time', 'duration'],
  milliseconds: ['duration_ms', 'request_time_ms'],
  time: ['time_iso8601', 'time', 'timestamp', '@timestamp', 'time_local', 'ts'],
} as const;

/** JSON access logs: nginx' (names are the administrator's), Caddy's, Traefik's, Envoy's. */
export const jsonAccess: AccessForm = (line, zones) => {
  if (!line.startsWith('{')) return null;
  const record = parseObject(line);
  const status = record === null ? null : statusOf(first(record, KEYS.status));
  if (record === null || status === null) return null;
  const request = requestOf(record);
  if (request === null) return null;
  const durationMs = durationOf(record);
  const started = stringOf(record, ['StartUTC', 'start_time']);
  const at = timeOf(record, zones) ?? (started === null ? null : laterBy(parseRfc3339(started), durationMs));
  const requestId = KEYS.requestId.map((key) => requestIdOf(valueAt(record, key))).find((id) => id !== null) ?? null;
  return { at, status, ...request, requestId, client: clientOf(first(record, KEYS.client)), durationMs };
};

function requestOf(record: JsonObject): { readonly method: string | null; readonly path: string | null } | null {
  const target = stringOf(record, KEYS.target);
  const line = stringOf(record, KEYS.request);
  const fromLine = line === null ? null : requestLineOf(line);
  if (target === null && fromLine?.path == null) return null;
  return {
    method: stringOf(record, KEYS.method) ?? fromLine?.method ?? null,
    path: target === null ? (fromLine?.path ?? null) : pathOf(target),
  };
}

function durationOf(record: JsonObject): number | null {
  // Traefik counts nanoseconds, under names of its own.
  const nanoseconds = valueAt(record, 'Duration');
  if (typeof nanoseconds === 'number') return Math.round(nanoseconds / 1e3) / 1e3;
  const milliseconds = numberOf(first(record, KEYS.milliseconds));
  if (milliseconds !== null) return milliseconds;
  // Envoy's JSON counts `duration` in milliseconds, and no other proxy has response flags.
  if ('response_flags' in record) return numberOf(record['duration']);
  const seconds = numberOf(first(record, KEYS.seconds));
  return seconds === null ? null : secondsToMs(seconds);
}

/** nginx' `$msec` is finer than its other times. */
function timeOf(record: JsonObject, zones: ZoneResolver): Instant | null {
  const epoch = epochOf(record['msec']) ?? epochOf(record['ts']);
  if (epoch !== null) return epoch;
  const times = KEYS.time.flatMap((key) => {
    const value = valueAt(record, key);
    if (typeof value === 'number') return epochOf(value) ?? [];
    return typeof value === 'string'
      ? (parseRfc3339(value) ?? parseCommonLogTime(value, zones) ?? epochOf(value) ?? [])
      : [];
  });
  return times.find(({ precision }) => precision !== 'second') ?? times[0] ?? null;
}

/** Seconds since the epoch, with a fraction or not, as a number or as text. */
function epochOf(value: unknown): Instant | null {
  const seconds = numberOf(value);
  if (seconds === null || seconds < 1e9 || seconds >= 1e10) return null;
  const digits = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
  const precision = digits === 0 ? 'second' : digits <= 3 ? 'millisecond' : 'microsecond';
  return { us: Math.round(seconds * 1e6), precision, zone: 'read' };
}

/** nginx prints a list (`0.001, 0.002`) where it tried several upstreams, and `-` where it tried none. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !/^\d+(?:\.\d+)?(?:[,:] |$)/.test(value)) return null;
  return Number.parseFloat(value);
}

function first(record: JsonObject, keys: readonly string[]): unknown {
  return keys.map((key) => valueAt(record, key)).find((value) => value !== undefined && value !== null && value !== '');
}

function stringOf(record: JsonObject, keys: readonly string[]): string | null {
  const value = keys.map((key) => valueAt(record, key)).find((found) => typeof found === 'string' && found !== '');
  return typeof value === 'string' && !isObject(value) ? value : null;
}
