import type { Config } from './config/config.ts';
import { discoverLogs } from './discovery/discover-logs.ts';
import type { FoundLog, Lack } from './discovery/found-log.ts';

export type { Lack } from './discovery/found-log.ts';

/** A configuration with the logs that were found on this host for its sources. */
export interface DiscoveredConfig {
  readonly config: Config;
  /** What was taken, one sentence each. */
  readonly took: readonly string[];
  readonly lacks: readonly Lack[];
}

/** Fills the sources of a configuration that names none. */
export async function withDiscoveredLogs(config: Config, root = '/'): Promise<DiscoveredConfig> {
  const { logs, lacks } = await discoverLogs({ root });
  const sources = logs.map(({ kind, paths, journalUnit }) => ({
    kind,
    paths,
    linePrefix: null,
    timezone: null,
    ...(journalUnit === undefined ? {} : { journalUnit }),
  }));
  return { config: { ...config, sources }, took: logs.map(sayTaken), lacks };
}

function sayTaken({ kind, paths, journalUnit, how }: FoundLog): string {
  return `found a ${kind} log: ${journalUnit === undefined ? paths.join(' ') : `the journal of ${journalUnit}`} (${how})`;
}
