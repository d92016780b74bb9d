import type { DaemonHooks, RunningDaemon } from '../daemon.ts';
import type { Config, SinkConfig } from '../config/config.ts';
import type { LogEvent, Verdict } from '../domain.ts';
import type { Finding } from '../checkup.ts';
import type { DiscoveredConfig } from '../discovered-config.ts';
import type { SinkTest } from '../sink-test.ts';
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
  /** Takes each verdict when it is made, in order of time. */
  readonly onVerdict: (verdict: Verdict) => void;
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
  readonly onEvents: (events: readonly LogEvent[]) => void;
  /** Reading goes on when it has settled. */
  readonly whenReady: () => Promise<void>;
}

/** Resolves to what each log was taken for and what was left out of it, one sentence each. */
export type ParseLogs = (inputs: readonly string[], settings: ParseSettings) => Promise<readonly string[]>;

export type { DaemonHooks, RunningDaemon };

export type StartDaemon = (config: Config, hooks: DaemonHooks) => Promise<RunningDaemon>;
export interface DemoDaemon extends RunningDaemon {
  readonly tokenFile: string;
}

export type StartDemo = (settings: { readonly speed: number }, hooks: DaemonHooks) => Promise<DemoDaemon>;

/** Throws WhydError (exit 78) where the sink's files cannot be used. */
export type TestSink = (sink: SinkConfig) => Promise<SinkTest>;

/** Throws WhydError (exit 78) for files of the configuration that cannot be used. */
export type Checkup = (config: Config) => Promise<readonly Finding[]>;

/** Fills the sources of a configuration that names none with the logs of this host. */
export type DiscoverLogs = (config: Config) => Promise<DiscoveredConfig>;

/** The parts that do the work behind the verbs; a verb whose engine is absent is not offered. */
export interface Engines {
  readonly analyze?: Analyze;
  readonly parse?: ParseLogs;
  readonly startDaemon?: StartDaemon;
  readonly discover?: DiscoverLogs;
  readonly startDemo?: StartDemo;
  readonly checkup?: Checkup;
  readonly testSink?: TestSink;
}
