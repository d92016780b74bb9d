import type {
  DenokvErrorEvent,
  DenokvNoteEvent,
  PostgresContextEvent,
  PostgresErrorEvent,
  ProxyResponseEvent,
} from '../domain.ts';
import { withoutMirrors } from './mirrored-entries.ts';
import { inOrder } from './order.ts';

/** What the joiner is given: every event of the stretch of time it is asked about, and how far each log has been read. */
export interface Window {
  readonly denokv: readonly (DenokvErrorEvent | DenokvNoteEvent)[];
  readonly postgres: readonly (PostgresErrorEvent | PostgresContextEvent)[];
  /** What a proxy in front of denokv answered; only 5xx matter. */
  readonly proxy: readonly ProxyResponseEvent[];
  readonly coverage: WindowCoverage;
}

/** The window as every step wants it: each log in order of time, and each entry of Postgres' once. */
export function ordered(window: Window): Window {
  return {
    ...window,
    denokv: inOrder(window.denokv),
    postgres: withoutMirrors(inOrder(window.postgres)),
    proxy: inOrder(window.proxy),
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
