import { resolve } from 'node:path';
import type { SinkConfig, WebhookSinkConfig } from './config.ts';
import { nearestWord } from './nearest-word.ts';
import type { YamlNode } from './yaml-node.ts';

const KINDS: readonly SinkConfig['kind'][] = ['webhook'];
const KEYS: readonly string[] = ['name', 'kind', 'url', 'url_file', 'secret_file'];
/** A name is typed at a shell and printed in messages. */
const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;

/** Reads `tickets:`. Rules are refused: who writes them expects tickets, and would wait for them in vain. */
export function readTickets(node: YamlNode, baseDir: string): readonly SinkConfig[] {
  const entries = node.map(['sinks', 'rules']);
  const rules = entries.get('rules');
  if (rules !== undefined && rules.list().length > 0) {
    node.complaints.add(
      rules.fail(
        'config.not_supported',
        'rules are not supported yet: no ticket would be opened',
        'Take the rules out; sinks may stay, whyd sink test tries them out.',
      ),
    );
  }
  const sinks = new Map<string, SinkConfig>();
  for (const item of entries.get('sinks')?.list() ?? []) {
    const sink = item.complaints.attempt(() => readSink(item, baseDir), null);
    if (sink === null) continue;
    if (sinks.has(sink.name)) {
      const hint = 'Give each sink a name of its own.';
      item.complaints.add(item.fail('config.double_name', `there are two sinks "${sink.name}"`, hint));
    }
    sinks.set(sink.name, sink);
  }
  return [...sinks.values()];
}

/** Null: something is wrong with it, and all of that was complained of. */
function readSink(node: YamlNode, baseDir: string): SinkConfig | null {
  const { complaints } = node;
  const countBefore = complaints.count;
  const entries = node.map(KEYS);
  const nameHint = 'Add name: and a word that whyd sink test can call it by.';
  const secretHint = 'Add secret_file: and the file that holds the signing secret.';
  complaints.attempt(() => {
    readKind(required(node, entries, 'kind', `Add kind: ${KINDS.join(' or ')}.`));
  }, null);
  const name = complaints.attempt(() => readName(required(node, entries, 'name', nameHint)), null);
  const address = complaints.attempt(() => readAddress(node, entries, baseDir), null);
  const secret = complaints.attempt(() => required(node, entries, 'secret_file', secretHint).string(), null);
  if (name === null || address === null || secret === null || complaints.count > countBefore) return null;
  return { kind: 'webhook', name, ...address, secretFile: resolve(baseDir, secret) };
}

function required(node: YamlNode, entries: ReadonlyMap<string, YamlNode>, key: string, hint: string): YamlNode {
  const found = entries.get(key);
  if (found !== undefined) return found;
  throw node.fail('config.missing_key', `a sink needs a ${key}`, hint);
}

function readKind(node: YamlNode): void {
  const text = node.string();
  if (KINDS.some((known) => known === text)) return;
  const nearest = nearestWord(text, KINDS);
  const meant = nearest === null ? '' : `Did you mean "${nearest}"? `;
  throw node.fail('config.unknown_kind', `unknown kind "${text}"`, `${meant}Known: ${KINDS.join(', ')}.`);
}

function readName(node: YamlNode): string {
  const name = node.string();
  if (NAME.test(name)) return name;
  throw node.fail(
    'config.bad_name',
    'this is no name for a sink',
    'Write letters, digits, dots, dashes or underscores.',
  );
}

function readAddress(
  node: YamlNode,
  entries: ReadonlyMap<string, YamlNode>,
  baseDir: string,
): Pick<WebhookSinkConfig, 'url' | 'urlFile'> {
  const url = entries.get('url');
  const urlFile = entries.get('url_file');
  if (url !== undefined && urlFile !== undefined) {
    throw urlFile.fail('config.wrong_key', 'a sink has a url or a url_file, not both', 'Take one of the two out.');
  }
  if (urlFile !== undefined) return { url: null, urlFile: resolve(baseDir, urlFile.string()) };
  if (url === undefined) {
    const hint = 'Add url: https://... or, where the address is a secret, url_file: and the file that holds it.';
    throw node.fail('config.missing_key', 'a sink needs a url or a url_file', hint);
  }
  return { url: readUrl(url), urlFile: null };
}

/** What is wrong is said without the address: it may hold a secret that does not belong here. */
function readUrl(node: YamlNode): string {
  const text = node.string();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw node.fail('config.bad_url', 'this is no http or https address', 'Write https://host/path.');
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'Put the whole address into a file of mode 0600 and name it with url_file.';
    throw node.fail('config.secret_in_place', 'the address holds a user or a password', hint);
  }
  return text;
}
