import type { KnownToken } from '../api/check-token.ts';
import type { HealthStatus } from '../api/schemas/health.ts';
import type { ApiConfig } from '../config/config.ts';
import type { SourceStatus } from '../domain.ts';
import type { ExitCode } from '../errors.ts';
import type { SavedRound } from '../store/whyd-index.ts';

/** What the API's thread is started with. */
export interface ApiThreadData {
  readonly api: ApiConfig;
  readonly indexPath: string;
  readonly tokens: readonly KnownToken[];
  readonly version: string;
  readonly webFolder: string;
}

/** What only the thread that reads the logs knows. */
export interface SourcesNow {
  readonly sources: readonly SourceStatus[];
  readonly health: HealthStatus;
}

/** What has changed of it, by place in the list; a thousand quiet files are not sent again for the sake of a busy one. */
export interface SourcesChange {
  readonly count: number;
  readonly changed: ReadonlyMap<number, SourceStatus>;
  readonly health: HealthStatus;
}

export type ToApiThread =
  | ({ readonly kind: 'sources' } & SourcesChange)
  /** A round of the joiner, already committed: the thread reads the rest from the index. */
  | { readonly kind: 'saved'; readonly saved: SavedRound }
  | { readonly kind: 'close' };

export type FromApiThread =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'refused'; readonly error: SentError }
  | { readonly kind: 'trouble'; readonly message: string };

/** An error on its way between threads, which carry no classes. */
export interface SentError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly exitCode: ExitCode;
}
