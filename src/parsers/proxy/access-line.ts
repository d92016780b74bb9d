import type { Instant, ProxyResponseEvent } from '../../domain.ts';
import type { ZoneResolver } from '../../time/zone.ts';

/** What one line of an access log says, whoever wrote it. */
export interface AccessLine {
  /** When it was logged: the end of the request. */
  readonly at: Instant | null;
  readonly status: number;
  readonly method: string | null;
  /** Path without query. */
  readonly path: string | null;
  readonly requestId: string | null;
  readonly client: string | null;
  readonly durationMs: number | null;
}

/** Reads one line (decoded) of one proxy's form; null when it has another. */
export type AccessForm = (line: string, zones: ZoneResolver) => AccessLine | null;

const OPERATIONS: ReadonlyMap<string, ProxyResponseEvent['operation']> = new Map([
  ['snapshot_read', 'snapshot_read'],
  ['atomic_write', 'atomic_write'],
  ['watch', 'watch'],
] as const);
/** W3C trace context: `version-traceid-parentid-flags`. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/i;

/** What denokv was asked for: the last part of the path, whatever stands before it. */
export function operationOf(path: string | null): ProxyResponseEvent['operation'] {
  const last = path?.replace(/\/+$/, '').split('/').at(-1);
  return OPERATIONS.get(last ?? '') ?? null;
}

/** Path of a request target: without query or fragment, and without the origin of an absolute one. */
export function pathOf(target: string): string | null {
  const path = target.replace(/^[a-z]+:\/\/[^/]*/i, '').split(/[?#]/, 1)[0] ?? '';
  return path === '' || path === '-' ? null : path;
}

/** Of `POST /v2/atomic_write HTTP/1.1`. */
export function requestLineOf(text: string): { readonly method: string | null; readonly path: string | null } {
  const match = /^([A-Z]{1,20}) (\S+)(?: HTTP\/[\d.]+)?$/.exec(text);
  return match === null ? { method: null, path: null } : { method: match[1] ?? null, path: pathOf(match[2] ?? '') };
}

/** The trace id of a traceparent, or the id as it stands; null for nothing and for the `-` that stands for it. */
export function requestIdOf(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== 'string' || first === '' || first === '-') return null;
  return TRACEPARENT.exec(first)?.[1]?.toLowerCase() ?? first;
}

/** A status of HTTP, or null: proxies print 0 or -1 where no response was sent, which is no response. */
export function statusOf(value: unknown): number | null {
  const status = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599 ? status : null;
}

/** The host of `10.0.0.1:5432`, `[::1]:80`, `10.0.0.1`. */
export function clientOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value === '-') return null;
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(value);
  return bracketed?.[1] ?? value.replace(/^([^:]+):\d+$/, '$1');
}

/** Milliseconds of seconds; rounded to the microsecond, since 0.003 * 1000 is not 3 in binary. */
export function secondsToMs(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}
