import { resolve } from 'node:path';
import type { SourceKind } from '../domain.ts';
import { isKnownZone } from '../time/known-zone.ts';
import type { SourceConfig } from './config.ts';
import { showAddress } from './listen-address.ts';
import { nearestWord } from './nearest-word.ts';
import { readSyslog } from './read-syslog.ts';
import type { YamlNode } from './yaml-node.ts';

const KINDS: readonly SourceKind[] = ['denokv', 'postgres', 'proxy'];
const KEYS: readonly string[] = ['kind', 'path', 'journald', 'stdin', 'syslog', 'line_prefix', 'timezone'];

/** Reads the `sources:` list. Relative paths are taken from `baseDir`, the folder of the file. */
export function readSources(node: YamlNode, baseDir: string): readonly SourceConfig[] {
  const items = node.list();
  const read = items.map((item) => item.complaints.attempt(() => readSource(item, baseDir), null));
  const taken = new Set<string>();
  read.forEach((source, at) => {
    const own = source === null ? [] : feedsOf(source);
    const double = own.find((feed) => taken.has(feed));
    for (const feed of own) taken.add(feed);
    if (double === undefined) return;
    const code = double === STANDARD_INPUT ? 'config.second_stdin' : 'config.second_source';
    const hint = 'Take this source out, or give it a path or syslog of its own.';
    node.complaints.add((items[at] ?? node).fail(code, `${double} can be one source only`, hint));
  });
  return read.filter((source) => source !== null);
}

const STANDARD_INPUT = 'standard input';

/** What brings a source its lines and can bring them to no second one: that would wait for them in vain. */
function feedsOf({ stdin, journalUnit, syslog }: SourceConfig): readonly string[] {
  if (stdin === true) return [STANDARD_INPUT];
  if (journalUnit !== undefined) return [`the journal of ${journalUnit.replace(/\.service$/, '')}`];
  if (syslog === undefined) return [];
  const { address, programs } = syslog;
  const place = 'path' in address ? `unix:${address.path}` : showAddress(address);
  if (programs.length === 0) return [`what unnamed programs send to ${place}`];
  return programs.map((program) => `what ${program} sends to ${place}`);
}

/** Null: something is wrong with it, and all of that was complained of. */
function readSource(node: YamlNode, baseDir: string): SourceConfig | null {
  const { complaints } = node;
  const countBefore = complaints.count;
  const entries = node.map(KEYS);
  const isMistyped = complaints.count > countBefore;
  // A key that is missing beside one that is unknown is one mistake.
  if (isMistyped && !(entries.has('kind') && ORIGINS.some((key) => entries.has(key)))) return null;
  const timezone = complaints.attempt(() => readZone(entries.get('timezone')), null);
  const kind = complaints.attempt(() => readKind(node, entries.get('kind')), null);
  const linePrefix = complaints.attempt(() => readPrefix(kind, entries.get('line_prefix')), null);
  const origin = complaints.attempt(() => readOrigin(kind ?? 'denokv', node, entries, baseDir), null);
  return kind === null || origin === null ? null : { kind, ...origin, linePrefix, timezone };
}

/** @param kind null: not known, and then anything may be right */
function readPrefix(kind: SourceKind | null, node: YamlNode | undefined): string | null {
  if (node !== undefined && kind !== null && kind !== 'postgres') {
    throw node.fail('config.wrong_key', `a ${kind} log has no line prefix`, 'Take the line out.');
  }
  return node?.string() ?? null;
}

const ORIGINS: readonly string[] = ['path', 'journald', 'stdin', 'syslog'];
const STDIN = '-';

/** Where a source's lines come from: files, a journal, standard input or syslog messages, and one of these alone. */
function readOrigin(
  kind: SourceKind,
  node: YamlNode,
  entries: ReadonlyMap<string, YamlNode>,
  baseDir: string,
): Pick<SourceConfig, 'paths' | 'journalUnit' | 'stdin' | 'syslog'> {
  const [origin = 'path', other] = ORIGINS.filter((key) => entries.has(key));
  if (other !== undefined) {
    const place = entries.get(other) ?? node;
    throw place.fail('config.wrong_key', `a source has ${origin} or ${other}, not both`, 'Make it two sources.');
  }
  const given = entries.get(origin);
  if (origin === 'journald' && given !== undefined) return { paths: [], journalUnit: readUnit(given) };
  if (origin === 'syslog' && given !== undefined) return { paths: [], syslog: readSyslog(kind, given, baseDir) };
  if (origin === 'stdin' && given !== undefined) {
    if (given.scalar() === true) return { paths: [], stdin: true };
    throw given.fail('config.wrong_type', 'can only be true', 'Write stdin: true, or take the line out.');
  }
  if (given?.scalar() === STDIN) return { paths: [], stdin: true };
  return { paths: readPaths(node, given, baseDir) };
}

function readKind(source: YamlNode, node: YamlNode | undefined): SourceKind {
  if (node === undefined) {
    throw source.fail('config.missing_key', 'a source needs a kind', `Add kind: ${KINDS.join(' or ')}.`);
  }
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

function readUnit(node: YamlNode): string {
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
