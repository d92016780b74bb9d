import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf, EXIT, WhydError } from '../errors.ts';
import type { Complaints } from './complaints.ts';
import type { SinkConfig, SourceConfig } from './config.ts';
import { socketPathOf } from './listen-address.ts';
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

export const NO_CONTENTS: FileContents = { sources: [], sinks: [], settings: new Map(), warnings: [] };

/** Reads and checks a configuration file; paths in it are relative to its folder. Throws WhydError (exit 78) for a file that cannot be read. */
export function readConfigFile(file: string, complaints: Complaints): FileContents {
  const baseDir = dirname(resolve(file));
  const root = parseYaml(file, readText(file), complaints);
  const sections = complaints.attempt(() => root?.map(ROOT_KEYS), undefined);
  return sections === undefined ? NO_CONTENTS : readSections(sections, baseDir, complaints);
}

function readSections(sections: ReadonlyMap<string, YamlNode>, baseDir: string, complaints: Complaints): FileContents {
  const sources = sections.get('sources');
  const tickets = sections.get('tickets');
  const sinks = tickets === undefined ? [] : complaints.attempt(() => readTickets(tickets, baseDir), []);
  const settings = new Map<SettingKey, RawSetting>();
  for (const [key, node] of settingNodes(sections, complaints)) {
    // The names of hosts may be a list here; a flag or a variable has them on one line.
    const text = complaints.attempt(() => (key === 'api.hosts' ? node.strings().join(',') : node.plain()), null);
    if (text === null) continue;
    // An address in a path's place must reach its reader as it is, to be refused as one.
    const isPath = PATH_SETTINGS.includes(key) && !text.includes('://');
    const socket = key === 'api.listen' ? socketPathOf(text, baseDir) : null;
    const absolute = socket === null ? (isPath ? resolve(baseDir, text) : text) : `unix:${socket}`;
    settings.set(key, { text: absolute, where: node.where });
  }
  return {
    sources: sources === undefined ? [] : complaints.attempt(() => readSources(sources, baseDir), []),
    settings,
    sinks,
    warnings:
      sinks.length === 0 ? [] : [`${tickets?.where ?? ''}: no ticket is opened yet; whyd sink test tries a sink out`],
  };
}

function settingNodes(
  sections: ReadonlyMap<string, YamlNode>,
  complaints: Complaints,
): readonly [SettingKey, YamlNode][] {
  const mapOf = (node: YamlNode | undefined, keys: readonly string[]): ReadonlyMap<string, YamlNode> | undefined =>
    complaints.attempt(() => node?.map(keys), undefined);
  const identity = mapOf(sections.get('identity'), ['user', 'database', 'application']);
  const index = mapOf(sections.get('index'), ['path', 'keep']);
  const keep = mapOf(index?.get('keep'), ['days', 'size']);
  const apiKeys = ['listen', 'token_file', 'read_token_file', 'hosts', 'behind_proxy', 'tls', 'rate_limit'];
  const api = mapOf(sections.get('api'), apiKeys);
  const tls = mapOf(api?.get('tls'), ['cert_file', 'key_file']);
  const postgres = mapOf(sections.get('postgres'), ['url_file']);
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
    const code = codeOf(error) ?? '';
    throw new WhydError('config.unreadable', `cannot read ${file}: ${READ_FAILURES[code] ?? code}`, {
      hint: 'Name an existing configuration file with --config or WHYD_CONFIG.',
      exitCode: EXIT.badConfiguration,
      cause: error,
    });
  }
}
