import type { HostFiles } from './host-files.ts';

/** Settings of a postgresql.conf that say where the server logs. */
export interface LogConf {
  readonly dataDirectory: string | null;
  readonly collector: boolean;
  readonly directory: string;
  readonly destination: string;
}

const SETTING = /^[ \t]*(\w+)[ \t]*=?[ \t]*(?:'((?:[^']|'')*)'|([^\s#']+))/gm;
const ON = /^(?:on|true|yes|1|t|y)$/i;

/** Reads a configuration and what ALTER SYSTEM has put on top of it; the last of several values counts. Null where there is none. */
export function readLogConf(files: HostFiles, conf: string, dataDirectory: string | null): LogConf | null {
  const text = files.text(conf);
  if (text === null) return null;
  const settings = parse(text);
  const data = settings.get('data_directory') ?? dataDirectory;
  const altered = data === null ? null : files.text(`${data}/postgresql.auto.conf`);
  for (const [name, value] of altered === null ? [] : parse(altered)) settings.set(name, value);
  return {
    dataDirectory: data,
    collector: ON.test(settings.get('logging_collector') ?? 'off'),
    directory: settings.get('log_directory') ?? 'log',
    destination: settings.get('log_destination') ?? 'stderr',
  };
}

function parse(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(SETTING)].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      quoted?.replaceAll("''", "'") ?? plain ?? '',
    ]),
  );
}

/** The pattern of what the collector writes, the form with most fields first: one of them is enough. */
export function logPattern({ dataDirectory, directory, destination }: LogConf): string | null {
  if (!directory.startsWith('/') && dataDirectory === null) return null;
  const folder = directory.startsWith('/') ? directory : `${dataDirectory ?? ''}/${directory}`;
  if (destination.includes('jsonlog')) return `${folder}/*.json`;
  return destination.includes('csvlog') ? `${folder}/*.csv` : `${folder}/*.log`;
}
