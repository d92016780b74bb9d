import type { DenokvEvent, LogEvent, PostgresContextEvent, PostgresErrorEvent, ProxyResponseEvent } from '../domain.ts';
import { withoutMirrors } from './mirrored-entries.ts';
import { withoutRelays } from './requests/relayed.ts';
import { inOrder } from './timing/order.ts';

export type JoinedEvent = DenokvEvent | PostgresErrorEvent | PostgresContextEvent | ProxyResponseEvent;

/** A proxy logs every request; only its failures are joined. */
export function isJoined(event: LogEvent): event is JoinedEvent {
  if (event.kind === 'gap' || event.kind === 'postgres_statement') return false;
  return event.kind !== 'proxy_response' || event.status >= 500;
}

/** What the joiner is given: every event of the stretch of time it is asked about, and how far each log has been read. */
export interface Window {
  readonly denokv: readonly DenokvEvent[];
  readonly postgres: readonly (PostgresErrorEvent | PostgresContextEvent)[];
  /** What a proxy in front of denokv answered; only 5xx matter. */
  readonly proxy: readonly ProxyResponseEvent[];
  readonly coverage: WindowCoverage;
}

export function windowOf(events: Iterable<JoinedEvent>, coverage: WindowCoverage): Window {
  const denokv: DenokvEvent[] = [];
  const postgres: (PostgresErrorEvent | PostgresContextEvent)[] = [];
  const proxy: ProxyResponseEvent[] = [];
  for (const event of events) {
    if (event.kind === 'denokv_error' || event.kind === 'denokv_note') denokv.push(event);
    else if (event.kind === 'proxy_response') proxy.push(event);
    else postgres.push(event);
  }
  return { denokv, postgres, proxy, coverage };
}

/** The window as every step wants it: each log in order of time, and each entry of Postgres' and each request once. */
export function ordered(window: Window): Window {
  return {
    ...window,
    denokv: inOrder(window.denokv),
    postgres: withoutMirrors(inOrder(window.postgres)),
    proxy: withoutRelays(inOrder(window.proxy)),
  };
}

/** Null where a log was not given at all. */
export interface WindowCoverage {
  readonly denokv: SourceCoverage | null;
  readonly postgres: SourceCoverage | null;
}

export interface SourceCoverage {
  /** Times between which lines were lost; microseconds since the epoch. */
  readonly gaps: readonly { readonly fromUs: number; readonly toUs: number }[];
  /** Nothing older than this will still come; null when the log is read to its end. */
  readonly completeUntilUs: number | null;
}
