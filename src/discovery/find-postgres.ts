import { clusters } from './clusters.ts';
import type { FoundLog } from './found-log.ts';
import type { HostFiles } from './host-files.ts';
import { logPattern, readLogConf } from './postgres-conf.ts';
import type { Unit } from './units.ts';

/** The logs of every cluster on the host: as its configuration says, or where its distribution puts them. */
export function findPostgres(files: HostFiles, units: readonly Unit[]): readonly FoundLog[] {
  const found = new Map<string, FoundLog>();
  const add = (path: string | null, how: string): void => {
    if (path === null || found.has(path)) return;
    found.set(path, { kind: 'postgres', paths: [files.at(path)], how });
  };
  const known = new Set<string>();
  for (const { conf, data, fallback, name } of clusters(files)) {
    const settings = readLogConf(files, conf, data);
    const folder = settings?.dataDirectory ?? data;
    if (folder !== null && known.has(folder)) continue;
    if (folder !== null) known.add(folder);
    if (folder !== null && files.exists(`${folder}/current_logfiles`)) {
      add(`${folder}/current_logfiles`, `${name} says there where it logs`);
    } else if (settings?.collector === true) {
      add(logPattern(settings), `${name}, by ${conf}`);
    } else if (fallback !== null && files.exists(fallback)) {
      add(fallback, `${name}, as Debian starts it`);
    }
  }
  if (found.size > 0) return [...found.values()];
  for (const pattern of ['/var/log/postgresql/*.json', '/var/log/postgresql/*.csv', '/var/log/postgresql/*.log']) {
    if (found.size === 0 && files.match(pattern).length > 0) add(pattern, 'the usual folder');
  }
  if (found.size > 0) return [...found.values()];
  return units.map(({ name }) => ({
    kind: 'postgres',
    paths: [],
    journalUnit: name,
    how: 'its unit, which logs to no file',
  }));
}
