import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf, EXIT, WhydError } from '../errors.ts';
import type { Complaints } from './complaints.ts';
import type { SinkConfig, SourceConfig } from './config.ts';
import { socketPathOf } from './listen-address.ts';
import { readSources } from './read-sources.ts';
import { readTickets } from './read-tickets.ts';
import { SETTING_KEYS, type RawSetting, type SettingKey } from './settings.ts';
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

/** The settings that the file gives: each stands where its dotted name says. */
function settingNodes(
  sections: ReadonlyMap<string, YamlNode>,
  complaints: Complaints,
): readonly [SettingKey, YamlNode][] {
  const maps = new Map<string, ReadonlyMap<string, YamlNode> | undefined>([['', sections]]);
  const mapAt = (section: string): ReadonlyMap<string, YamlNode> | undefined => {
    if (!maps.has(section)) {
      const node = nodeAt(section);
      maps.set(
        section,
        complaints.attempt(() => node?.map(keysIn(section)), undefined),
      );
    }
    return maps.get(section);
  };
  const nodeAt = (name: string): YamlNode | undefined => {
    const dot = name.lastIndexOf('.');
    return mapAt(name.slice(0, Math.max(0, dot)))?.get(name.slice(dot + 1));
  };
  return SETTING_KEYS.flatMap((key) => {
    const node = nodeAt(key);
    return node === undefined ? [] : [[key, node] satisfies [SettingKey, YamlNode]];
  });
}

/** What a section may hold: `path` and `keep` of `index`. */
function keysIn(section: string): readonly string[] {
  const names = SETTING_KEYS.filter((key) => key.startsWith(`${section}.`)).map((key) => key.slice(section.length + 1));
  return [...new Set(names.map((name) => name.replace(/\..*/, '')))];
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
