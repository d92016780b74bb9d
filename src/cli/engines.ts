import type { Config } from '../config/config.ts';
import type { LogEvent, Verdict } from '../domain.ts';
import type { Report } from './show-report.ts';

/** Settings of `whyd analyze`, read from its flags. Times in microseconds since the epoch. */
export interface AnalyzeSettings {
  readonly timezone: string | null;
  readonly linePrefix: string | null;
  /** Inclusive. */
  readonly sinceUs: number | null;
  /** Exclusive. */
  readonly untilUs: number | null;
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly doneBytes: number;
  /** Null while it cannot be known: stdin, compressed files. */
  readonly totalBytes: number | null;
}

export type Analyze = (inputs: readonly string[], settings: AnalyzeSettings) => Promise<Report>;

/** Settings of `whyd parse`. */
export interface ParseSettings {
  readonly timezone: string | null;
  readonly linePrefix: string | null;
  /** Keep statement noise. */
  readonly all: boolean;
  readonly onEvent: (event: LogEvent) => void;
}

/** Resolves to what was left out on the way, one sentence each. */
export type ParseLogs = (inputs: readonly string[], settings: ParseSettings) => Promise<readonly string[]>;

/** What a running daemon tells the verb that started it. */
export interface DaemonHooks {
  /** A verdict has settled. */
  readonly onFailure: (verdict: Verdict) => void;
  /** Something that the person should know, in one sentence. */
  readonly onMessage: (message: string) => void;
  /** Aborted when the person asks to stop, also while it is still starting. */
  readonly signal: AbortSignal;
}

export interface RunningDaemon {
  readonly url: string;
  readonly token: string;
  /** Settles when the daemon ends by itself; rejects when it fails. A daemon that ends only when told stays pending. */
  readonly finished: Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export type StartDaemon = (config: Config, hooks: DaemonHooks) => Promise<RunningDaemon>;
export type StartDemo = (settings: { readonly speed: number }, hooks: DaemonHooks) => Promise<RunningDaemon>;

/** The parts that do the work behind the verbs; a verb whose engine is absent is not offered. */
export interface Engines {
  readonly analyze?: Analyze;
  readonly parse?: ParseLogs;
  readonly startDaemon?: StartDaemon;
  readonly startDemo?: StartDemo;
}
