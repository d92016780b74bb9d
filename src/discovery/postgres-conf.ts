import { dirname, join, resolve } from 'node:path';
import type { HostFiles } from './host-files.ts';

/** Settings of a postgresql.conf that say where the server logs, and how its lines begin. */
export interface LogConf {
  readonly dataDirectory: string | null;
  readonly collector: boolean;
  readonly directory: string;
  readonly destination: string;
  /** `log_line_prefix`; null where none is set. */
  readonly linePrefix: string | null;
}

const SETTING = /^[ \t]*(\w+)[ \t]*=?[ \t]*(?:'((?:[^'\\]|''|\\.)*)'|([^\s#']+))/gm;
const ON = /^(?:on|true|yes|1|t|y)$/i;
/** The server itself refuses deeper nesting. */
const MAX_INCLUDES = 10;

/** Reads a configuration and what ALTER SYSTEM has put on top of it; the last of several values counts. Null where there is none. */
export function readLogConf(files: HostFiles, conf: string, dataDirectory: string | null): LogConf | null {
  const settings = new Map<string, string>();
  if (!readSettings(files, conf, settings)) return null;
  const data = settings.get('data_directory') ?? dataDirectory;
  if (data !== null) readSettings(files, `${data}/postgresql.auto.conf`, settings);
  return {
    dataDirectory: data,
    collector: ON.test(settings.get('logging_collector') ?? 'off'),
    directory: settings.get('log_directory') ?? 'log',
    destination: settings.get('log_destination') ?? 'stderr',
    linePrefix: settings.get('log_line_prefix') ?? null,
  };
}

/** Adds what a file sets, and what it includes, to what was set before it. False where there is no such file. */
function readSettings(files: HostFiles, conf: string, settings: Map<string, string>, depth = 0): boolean {
  const text = files.text(conf);
  if (text === null) return false;
  for (const [, word = '', quoted, plain = ''] of text.matchAll(SETTING)) {
    const name = word.toLowerCase();
    const value = quoted?.replaceAll(/''|\\(.)/g, (_, escaped?: string) => escaped ?? "'") ?? plain;
    if (!name.startsWith('include')) settings.set(name, value);
    else if (depth < MAX_INCLUDES)
      for (const included of includedBy(files, name, resolve(dirname(conf), value)))
        readSettings(files, included, settings, depth + 1);
  }
  return true;
}

function includedBy(files: HostFiles, name: string, path: string): readonly string[] {
  if (name !== 'include_dir') return [path];
  return files.list(path).flatMap((entry) => (/^[^.].*\.conf$/.test(entry) ? [join(path, entry)] : []));
}

/** Where the collector writes; null where that hangs on a data directory that is not known. */
export function logFolder({ dataDirectory, directory }: LogConf): string | null {
  return directory.startsWith('/') || dataDirectory !== null ? resolve(dataDirectory ?? '/', directory) : null;
}

/** The pattern of what the collector writes, the form with most fields first: one of them is enough. */
export function logPattern(conf: LogConf): string | null {
  const folder = logFolder(conf);
  if (folder === null) return null;
  if (conf.destination.includes('jsonlog')) return `${folder}/*.json`;
  return conf.destination.includes('csvlog') ? `${folder}/*.csv` : `${folder}/*.log`;
}
