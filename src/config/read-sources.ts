import { resolve } from 'node:path';
import type { SourceKind } from '../domain.ts';
import { isKnownZone } from '../time/known-zone.ts';
import type { SourceConfig } from './config.ts';
import { nearestWord } from './nearest-word.ts';
import type { YamlNode } from './yaml-node.ts';

const KINDS: readonly SourceKind[] = ['denokv', 'postgres', 'proxy'];
const KEYS: readonly string[] = ['kind', 'path', 'journald', 'line_prefix', 'timezone'];

/** Reads the `sources:` list. Relative paths are taken from `baseDir`, the folder of the file. */
export function readSources(node: YamlNode, baseDir: string): readonly SourceConfig[] {
  return node.list().map((item) => readSource(item, baseDir));
}

function readSource(node: YamlNode, baseDir: string): SourceConfig {
  const entries = node.map(KEYS);
  const kindNode = entries.get('kind');
  if (kindNode === undefined) {
    throw node.fail('config.missing_key', 'a source needs a kind', `Add kind: ${KINDS.join(' or ')}.`);
  }
  const kind = readKind(kindNode);
  const linePrefix = entries.get('line_prefix');
  if (linePrefix !== undefined && kind !== 'postgres') {
    throw linePrefix.fail('config.wrong_key', `a ${kind} log has no line prefix`, 'Take the line out.');
  }
  const journald = entries.get('journald');
  return {
    kind,
    ...(journald === undefined
      ? { paths: readPaths(node, entries.get('path'), baseDir) }
      : { paths: [], journalUnit: readUnit(journald, entries.get('path')) }),
    linePrefix: linePrefix?.string() ?? null,
    timezone: readZone(entries.get('timezone')),
  };
}

function readKind(node: YamlNode): SourceKind {
  const text = node.string();
  const kind = KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  const nearest = nearestWord(text, KINDS);
  const meant = nearest === null ? '' : `Did you mean "${nearest}"? `;
  throw node.fail('config.unknown_kind', `unknown kind "${text}"`, `${meant}Known: ${KINDS.join(', ')}.`);
}

function readPaths(source: YamlNode, node: YamlNode | undefined, baseDir: string): readonly string[] {
  const paths = node === undefined || node.isEmpty ? [] : node.strings();
  if (paths.length === 0) {
    const place = node ?? source;
    throw place.fail('config.missing_path', 'a source needs a path', 'Add path: [/the/log/file], globs are fine.');
  }
  return paths.map((path) => resolve(baseDir, path));
}

function readUnit(node: YamlNode, path: YamlNode | undefined): string {
  if (path !== undefined) {
    throw path.fail('config.wrong_key', 'a source is a journal or files, not both', 'Make it two sources.');
  }
  const unit = node.map(['unit']).get('unit');
  if (unit === undefined)
    throw node.fail('config.missing_key', 'a journal source needs a unit', 'Add unit: denokv.service.');
  const name = unit.string();
  if (/^[\w@.:\\-]+$/.test(name) && !name.startsWith('-')) return name;
  throw unit.fail(
    'config.bad_unit',
    `"${name}" is not the name of a unit`,
    'Write denokv.service or postgresql@15-main.service.',
  );
}

function readZone(node: YamlNode | undefined): string | null {
  if (node === undefined) return null;
  const zone = node.string();
  if (isKnownZone(zone)) return zone;
  throw node.fail(
    'config.bad_timezone',
    `unknown time zone "${zone}"`,
    'Write Europe/Rome, UTC or an offset such as +02:00.',
  );
}
