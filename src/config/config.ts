import type { ListenAddress, SourceKind } from '../domain.ts';

/** One log to follow. Paths are absolute and may hold globs; a journal unit has none. */
export interface SourceConfig {
  readonly kind: SourceKind;
  readonly paths: readonly string[];
  /** The systemd unit whose journal is followed instead of files. */
  readonly journalUnit?: string;
  /** Standard input is followed instead of files. */
  readonly stdin?: true;
  /** A syslog listener is fed from instead of files. */
  readonly syslog?: SyslogConfig;
  /** Postgres' `log_line_prefix`; null: found from the lines. */
  readonly linePrefix: string | null;
  /** Zone of times that carry none: an IANA name or an offset; null: read or inferred. */
  readonly timezone: string | null;
}

/** Where syslog messages are taken, and the programs whose messages belong to the source; none named: every program's. */
export interface SyslogConfig {
  readonly address:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string; readonly mode: number };
  readonly programs: readonly string[];
}

/** Who denokv is to Postgres; null parts are learned from the logs. */
export interface IdentityConfig {
  readonly user: string | null;
  readonly database: string | null;
  readonly application: string | null;
}

/** A webhook that `whyd sink test` can reach: one of `url` and `urlFile` is given. Paths are absolute. */
export interface WebhookSinkConfig {
  readonly kind: 'webhook';
  /** Unique among the sinks. */
  readonly name: string;
  readonly url: string | null;
  /** For an address that is itself a secret. */
  readonly urlFile: string | null;
  /** Holds the signing secret. */
  readonly secretFile: string;
}

export type SinkConfig = WebhookSinkConfig;

/** Every setting in force, checked, defaults filled in. Paths are absolute. */
export interface Config {
  /** The file it was read from; null when there was none. */
  readonly file: string | null;
  readonly sources: readonly SourceConfig[];
  readonly identity: IdentityConfig;
  /** How far back the first start reads, milliseconds; null or absent: all there is. */
  readonly sinceMs?: number | null;
  readonly index: {
    readonly path: string;
    readonly keep: { readonly days: number; readonly sizeBytes: number };
  };
  readonly api: ApiConfig;
  /** Where `whyd doctor` finds the address of the database; null: no live checks. */
  readonly postgres?: { readonly urlFile: string | null };
  readonly sinks?: readonly SinkConfig[];
  /** What was accepted but has no effect, one sentence each. */
  readonly warnings: readonly string[];
}

/** How the API is reached, and by whom. */
export interface ApiConfig {
  readonly listen: ListenAddress;
  readonly tokenFile: string;
  /** A token that may only read; absent: there is none. */
  readonly readTokenFile?: string;
  /** Names by which callers may address it, besides the loopback's. */
  readonly hosts?: readonly string[];
  /** A proxy on this host takes the requests and encrypts them. */
  readonly isBehindProxy?: boolean;
  /** PEM files. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Requests a minute from one address. */
  readonly rateLimit?: number;
}

export const DEFAULTS = {
  indexPath: '/var/lib/whyd/whyd.db',
  sinceMs: 24 * 3_600_000,
  keepDays: 30,
  keepSizeBytes: 2 * 2 ** 30,
  listen: { host: '127.0.0.1', port: 7433 },
  /** Beside the index, which only the daemon's user can enter. */
  tokenFileName: 'token',
} as const;
