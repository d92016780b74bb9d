import type { Identity } from './identity/identity.ts';
import type { ProxyFacts } from './requests/behind-proxy.ts';

/** What whole logs tell and a window of them may not: learned once, and the same for each of their windows. */
export interface Learned {
  readonly identity: Identity;
  /** What is added to Postgres' times to bring them to denokv's clock. */
  readonly clockOffsetUs: number;
  readonly proxy: ProxyFacts;
  /** The proxy's log shows 500s: denokv's trace is not asked. */
  readonly isProxied: boolean;
  readonly logsErrors: boolean;
  readonly logsLockWaits: boolean;
  /** A terse log shows no CONTEXT at all. */
  readonly showsContext: boolean;
  /** Of Postgres' log, on denokv's clock; null when none of its entries has a time. */
  readonly firstEntryUs: number | null;
  /** Logs of denokv that were written at the same time, by several. */
  readonly filesTogether: ReadonlySet<number>;
}
