import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT, WhydError } from '../errors.ts';
import type { SinkConfig, SourceConfig } from './config.ts';
import { readSources } from './read-sources.ts';
import { readTickets } from './read-tickets.ts';
import type { RawSetting, SettingKey } from './settings.ts';
import { parseYaml, type YamlNode } from './yaml-node.ts';

const ROOT_KEYS: readonly string[] = ['sources', 'since', 'identity', 'index', 'api', 'postgres', 'tickets'];

const PATH_SETTINGS: readonly SettingKey[] = [
  'index.path',
  'api.token_file',
  'api.read_token_file',
  'api.tls.cert_file',
  'api.tls.key_file',
  'postgres.url_file',
];

export interface FileContents {
  readonly sources: readonly SourceConfig[];
  readonly sinks: readonly SinkConfig[];
  readonly settings: ReadonlyMap<SettingKey, RawSetting>;
  readonly warnings: readonly string[];
}

/** Reads and checks a configuration file; paths in it are relative to its folder. Throws WhydError (exit 78). */
export function readConfigFile(file: string): FileContents {
  const baseDir = dirname(resolve(file));
  const root = parseYaml(file, readText(file));
  const sections = root.map(ROOT_KEYS);
  const sources = sections.get('sources');
  const tickets = sections.get('tickets');
  const sinks = tickets === undefined ? [] : readTickets(tickets, baseDir);
  const settings = new Map<SettingKey, RawSetting>();
  for (const [key, node] of settingNodes(sections)) {
    const text = node.plain();
    // An address in a path's place must reach its reader as it is, to be refused as one.
    const isPath = PATH_SETTINGS.includes(key) && !text.includes('://');
    settings.set(key, { text: isPath ? resolve(baseDir, text) : text, where: node.where });
  }
  return {
    sources: sources === undefined ? [] : readSources(sources, baseDir),
    settings,
    sinks,
    warnings:
      sinks.length === 0 ? [] : [`${tickets?.where ?? ''}: no ticket is opened yet; whyd sink test tries a sink out`],
  };
}

function settingNodes(sections: ReadonlyMap<string, YamlNode>): readonly [SettingKey, YamlNode][] {
  const identity = sections.get('identity')?.map(['user', 'database', 'application']);
  const index = sections.get('index')?.map(['path', 'keep']);
  const keep = index?.get('keep')?.map(['days', 'size']);
  const api = sections
    .get('api')
    ?.map(['listen', 'token_file', 'read_token_file', 'hosts', 'behind_proxy', 'tls', 'rate_limit']);
  const tls = api?.get('tls')?.map(['cert_file', 'key_file']);
  const postgres = sections.get('postgres')?.map(['url_file']);
  const found: readonly (readonly [SettingKey, YamlNode | undefined])[] = [
    ['since', sections.get('since')],
    ['identity.user', identity?.get('user')],
    ['identity.database', identity?.get('database')],
    ['identity.application', identity?.get('application')],
    ['index.path', index?.get('path')],
    ['index.keep.days', keep?.get('days')],
    ['index.keep.size', keep?.get('size')],
    ['api.listen', api?.get('listen')],
    ['api.token_file', api?.get('token_file')],
    ['api.read_token_file', api?.get('read_token_file')],
    ['api.hosts', api?.get('hosts')],
    ['api.behind_proxy', api?.get('behind_proxy')],
    ['api.tls.cert_file', tls?.get('cert_file')],
    ['api.tls.key_file', tls?.get('key_file')],
    ['api.rate_limit', api?.get('rate_limit')],
    ['postgres.url_file', postgres?.get('url_file')],
  ];
  return found.flatMap(([key, node]) => (node === undefined ? [] : [[key, node] satisfies [SettingKey, YamlNode]]));
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
};

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new WhydError('config.unreadable', `cannot read ${file}: ${READ_FAILURES[code] ?? code}`, {
      hint: 'Name an existing configuration file with --config or WHYD_CONFIG.',
      exitCode: EXIT.badConfiguration,
      cause: error,
    });
  }
}
