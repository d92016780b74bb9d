import { isMap, isScalar, isSeq, isAlias, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { EXIT, WhydError } from '../errors.ts';
import type { Complaints } from './complaints.ts';
import { nearestWord } from './nearest-word.ts';

interface YamlFile {
  readonly name: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly complaints: Complaints;
}

/**
 * One place in a YAML file, which knows its line and its dotted key: every complaint names both.
 * Each reading method throws a WhydError (exit 78) when the value is of another type.
 */
export class YamlNode {
  /** Dotted, as in `sources[0].path`; empty for the root. */
  readonly key: string;
  readonly #file: YamlFile;
  readonly #node: unknown;
  readonly #offset: number;

  constructor(file: YamlFile, key: string, node: unknown, offset: number) {
    this.#file = file;
    this.key = key;
    this.#node = isAlias(node) ? node.resolve(file.document) : node;
    this.#offset = offset;
  }

  /** The file, the line and the key, for messages. */
  get where(): string {
    const place = `${this.#file.name}:${String(this.#file.lines.linePos(this.#offset).line)}`;
    return this.key === '' ? place : `${place}: ${this.key}`;
  }

  get complaints(): Complaints {
    return this.#file.complaints;
  }

  get isEmpty(): boolean {
    return this.#node === null || this.#node === undefined || (isScalar(this.#node) && this.#node.value === null);
  }

  fail(code: string, message: string, hint: string): WhydError {
    return new WhydError(code, `${this.where}: ${message}`, { hint, exitCode: EXIT.badConfiguration });
  }

  /** The entries of a map; a key outside `known` is a complaint that names the nearest of them. An empty value is an empty map. */
  map(known: readonly string[]): ReadonlyMap<string, YamlNode> {
    const entries = new Map<string, YamlNode>();
    if (this.isEmpty) return entries;
    if (!isMap(this.#node)) throw this.#wrongType('a map of settings');
    for (const { key: keyNode, value } of this.#node.items) {
      const name = isScalar(keyNode) ? String(keyNode.value) : '?';
      const offset = (isScalar(keyNode) ? keyNode.range?.[0] : undefined) ?? this.#offset;
      const child = new YamlNode(this.#file, this.key === '' ? name : `${this.key}.${name}`, value, offset);
      if (known.includes(name)) entries.set(name, child);
      else this.complaints.add(child.#unknownKey(name, known));
    }
    return entries;
  }

  list(): readonly YamlNode[] {
    if (this.isEmpty) return [];
    if (!isSeq(this.#node)) throw this.#wrongType('a list');
    return this.#node.items.map((item, index) => {
      const offset = isNode(item) ? (item.range?.[0] ?? this.#offset) : this.#offset;
      return new YamlNode(this.#file, `${this.key}[${String(index)}]`, item, offset);
    });
  }

  string(): string {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (typeof value !== 'string' || value === '') throw this.#wrongType('a text');
    return value;
  }

  /** A scalar's value as YAML reads it; undefined for anything else. */
  scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  /** A scalar as it was written. */
  source(): string {
    const source = isScalar(this.#node) ? this.#node.source : undefined;
    if (source === undefined) throw this.#wrongType('a value');
    return source;
  }

  /** A text or a list of texts, as a list. */
  strings(): readonly string[] {
    return isSeq(this.#node) ? this.list().map((item) => item.string()) : [this.string()];
  }

  /** The text of a string, a number or a switch. */
  plain(): string {
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : this.string();
  }

  #wrongType(wanted: string): WhydError {
    return this.fail('config.wrong_type', `expected ${wanted}, found ${this.#describe()}`, `Give ${wanted} here.`);
  }

  /** What stands there, without its value: it may be a secret. */
  #describe(): string {
    if (this.isEmpty) return 'nothing';
    if (isMap(this.#node)) return 'a map';
    if (isSeq(this.#node)) return 'a list';
    const value = isScalar(this.#node) ? this.#node.value : undefined;
    if (value === '') return 'an empty text';
    return `a ${typeof value === 'string' ? 'text' : typeof value}`;
  }

  #unknownKey(name: string, known: readonly string[]): WhydError {
    const nearest = nearestWord(name, known);
    const meant = nearest === null ? '' : `Did you mean "${nearest}"? `;
    return this.fail('config.unknown_key', 'unknown key', `${meant}Known here: ${known.join(', ')}.`);
  }
}

/** Parses one YAML document; null where it is none, with a complaint for each line that is wrong. */
export function parseYaml(name: string, text: string, complaints: Complaints): YamlNode | null {
  const lines = new LineCounter();
  // prettyErrors would quote the line, and with it a secret that someone put there.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const problem of document.errors) {
    const { line } = lines.linePos(problem.pos[0]);
    complaints.add(
      new WhydError('config.bad_yaml', `${name}:${String(line)}: not valid YAML: ${problem.message}`, {
        hint: 'Check indentation, colons and quotes on that line and the one above.',
        exitCode: EXIT.badConfiguration,
      }),
    );
  }
  if (document.errors.length > 0) return null;
  return new YamlNode({ name, document, lines, complaints }, '', document.contents, 0);
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}
