import { dirname } from 'node:path';
import { clusters, type Cluster } from './clusters.ts';
import type { HostFiles } from './host-files.ts';
import { logFolder, readLogConf, type LogConf } from './postgres-conf.ts';

/** A data directory is the log's folder or one above it: `DATA/log`, or deeper where `log_directory` says so. */
const MAX_FOLDERS_UP = 3;
/** What logrotate and the packers add. */
const ROTATED = /(?:[.-]\d+)*(?:\.gz)?$/;

/** The `log_line_prefix` that the configuration of a log's server has now; null where none can be read. A line may be older than it. */
export function linePrefixOf(files: HostFiles, log: string): string | null {
  const beside = foldersAbove(log).find((folder) => files.exists(`${folder}/postgresql.conf`));
  if (beside !== undefined) return readLogConf(files, `${beside}/postgresql.conf`, beside)?.linePrefix ?? null;
  for (const cluster of clusters(files)) {
    const conf = readLogConf(files, cluster.conf, cluster.data);
    if (conf !== null && writes(cluster, conf, log)) return conf.linePrefix;
  }
  return null;
}

function foldersAbove(log: string): readonly string[] {
  const folders = [dirname(log)];
  for (let folder = dirname(log); folders.length < MAX_FOLDERS_UP; folders.push(folder)) folder = dirname(folder);
  return folders;
}

function writes({ fallback }: Cluster, conf: LogConf, log: string): boolean {
  if (fallback !== null && log.replace(ROTATED, '') === fallback) return true;
  return conf.collector && logFolder(conf) === dirname(log);
}
