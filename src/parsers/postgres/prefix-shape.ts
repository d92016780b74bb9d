import { encodeUtf8 } from '../latin1.ts';
import { UNKNOWN_WORDS } from './labels.ts';
import {
  APPLICATION_SOURCE,
  BACKEND_TYPE_SOURCE,
  COMMAND_TAG_SOURCE,
  isPrefixField,
  type PrefixField,
} from './prefix-field.ts';

/**
 * What one printed prefix is made of, before anybody knows the setting. A `number` may be a pid, a line number, a transaction id or an SQLSTATE,
 * a `word` a user, a database, an application or a host: which one shows only over many lines.
 */
export type ShapePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly field: PrefixField }
  | { readonly kind: 'number' | 'word' };

const ZONE = String.raw`(?: (?:[A-Za-z]{1,6}(?![A-Za-z])|[+-]\d\d(?:(?:\d\d|:\d\d)(?![\d.]))?|<[^>]{1,10}>))?`;
const NOT_A_NUMBER_AFTER = String.raw`(?![0-9A-Za-z.])`;

/** Values that show by their form alone what they are; tried in order. */
const TELLING: readonly (readonly [PrefixField, RegExp])[] = [
  ['m', new RegExp(String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3}${ZONE}`, 'y')],
  ['t', new RegExp(String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d${ZONE}`, 'y')],
  ['n', new RegExp(String.raw`\d{10}\.\d{3}${NOT_A_NUMBER_AFTER}`, 'y')],
  ['c', new RegExp(String.raw`[0-9a-f]{8}\.[0-9a-f]{1,8}${NOT_A_NUMBER_AFTER}`, 'y')],
  ['r', /(?:\[local\]|(?!:(?:[^:]|::))[0-9A-Za-z.:_-]+(?:%[A-Za-z0-9_-]+)?)\(\d{1,5}\)/y],
  // `::0` is no client's address: a background process prints it for `%v:%x`.
  [
    'h',
    /\[local\]|\[none\]|\d{1,3}(?:\.\d{1,3}){3}(?![0-9.])|(?!:(?:[^:]|::))(?!::0(?![0-9a-f]))(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4})(?:%[A-Za-z0-9_-]+)?(?![0-9A-Za-z])/y,
  ],
  ['v', /-?\d+\/\d+/y],
  ['b', new RegExp(`(?:${BACKEND_TYPE_SOURCE})(?![A-Za-z])`, 'y')],
  ['i', new RegExp(`(?:${COMMAND_TAG_SOURCE})(?![A-Za-z])`, 'y')],
  ['a', new RegExp(`(?:${APPLICATION_SOURCE})`, 'y')],
];

/** What people call the fields when they label them. */
const KEY_FIELD: ReadonlyMap<string, PrefixField> = new Map<string, PrefixField>(
  (
    [
      ['u', 'user usr username usename role'],
      ['d', 'db database dbname datname'],
      ['a', 'app application application_name appname'],
      ['h', 'client host remote from ip addr address client_addr remote_host peer connection_source'],
      ['p', 'pid process backend_pid process_id'],
      ['c', 'session sess session_id sid'],
      ['l', 'line line_num num seq log_line'],
      ['x', 'xid tx txid trx transaction tid'],
      ['v', 'vxid vtx virtual vtid'],
      ['e', 'sqlstate state code error_code err sql_error_code state_code'],
      ['i', 'cmd command tag command_tag ps'],
      ['b', 'type backend backend_type btype'],
      ['Q', 'queryid query_id qid'],
      ['P', 'leader leader_pid parent'],
      ['L', 'local local_addr server'],
    ] as const
  ).flatMap(([field, keys]) => keys.split(' ').map((key): [string, PrefixField] => [key, field])),
);

/** Labels of what tells by its form what it is. */
const TIME_KEYS: ReadonlySet<string> = new Set(['time', 'timestamp', 'ts', 'date', 'at']);

/** `user=`, `user = "`, `"user":"`, `user: `; a bare colon behind a name is one more separator as often as not, so there only known names count. */
const KEY = /([A-Za-z_]+)("?: ?"|": ?| = "?|=["']?|: ?)/y;
/** A labelled value may hold blanks when another labelled one follows, or the punctuation that closes its group; else it ends at the first. */
const KEYED_VALUE = /\[[^\]\s]*\]|[^,;|[\](){}<>=\n]{0,63}?(?=[,;|\s]+[A-Za-z_]+=|[,;|\])}]|\s*$)|[^\s,;|[\](){}<>]*/y;
const QUOTED_VALUE = { '"': /[^"]*/y, "'": /[^']*/y } as const;
const NUMBER = /-\d{12,20}(?![0-9A-Za-z._])|(?:\d+|[0-9A-Z]{5})(?![0-9A-Za-z._])/y;
/** `[unknown]` in any language stands for a name; any other bracket is the prefix's own. */
const UNKNOWN_SOURCE = [...UNKNOWN_WORDS]
  .map((word) => encodeUtf8(word).replaceAll(/[[\]/]/g, String.raw`\$&`))
  .join('|');
const WORD_BEGINS = String.raw`${UNKNOWN_SOURCE}|[A-Za-z_\x80-\xff]`;
/** A dash at its end is no part of a name. */
const WORD = new RegExp(WORD_BEGINS + String.raw`(?:[^\s,;:|@[\](){}<>=/'"%]*[^\s,;:|@[\](){}<>=/'"%-])?`, 'y');
/** In a prefix whose fields dashes part, no dash is. */
const WORD_BETWEEN_DASHES = new RegExp(WORD_BEGINS + String.raw`[^\s,;:|@[\](){}<>=/'"%-]*`, 'y');

const SEPARATOR = /[|,;/]/;

/** The ways in which a printed prefix may be cut: a second one where dashes seem to part its fields, since names have dashes too. */
export function shapesOfPrefix(prefix: string): ShapePart[][] {
  const shape = cut(prefix, WORD);
  const isDashed =
    prefix.startsWith('-') ||
    prefix.endsWith('-') ||
    shape.some((part, index) => isTime(part) && textOf(shape[index + 1]).startsWith('-'));
  const dashed = isDashed ? [cut(prefix, WORD_BETWEEN_DASHES)] : [];
  const named = withOneNameLast(shape, prefix);
  return [shape, ...dashed, ...(named === null ? [] : [named])];
}

/** All behind the last part that tells its field, or behind `user@database`, as one name: an application may be called `app/web.1` or `worker 3 [busy]`. */
function withOneNameLast(shape: readonly ShapePart[], prefix: string): ShapePart[] | null {
  const last = shape.findLastIndex(
    ({ kind }, index) => kind === 'field' || (kind === 'word' && textOf(shape[index - 1]).endsWith('@')),
  );
  const [gap, ...rest] = shape.slice(last + 1);
  const end = /[\s:,;|]*$/.exec(prefix)?.[0] ?? '';
  // A number among the rest may well be the pid, unless that stands before.
  const hasPid = shape
    .slice(0, last)
    .some((part) => part.kind === 'number' || (part.kind === 'field' && 'pc'.includes(part.field)));
  if (!hasPid || gap?.kind !== 'literal' || rest[0]?.kind !== 'word' || rest.length < 3) return null;
  return [
    ...shape.slice(0, last + 1),
    gap,
    { kind: 'word' },
    ...(end === '' ? [] : [{ kind: 'literal', text: end } as const]),
  ];
}

function cut(prefix: string, word: RegExp): ShapePart[] {
  const shape = new Shape();
  for (let position = 0; position < prefix.length;) {
    position +=
      tellingAt(shape, prefix, position) || keyedAt(shape, prefix, position) || plainAt(shape, prefix, position, word);
  }
  return withWholeNames(shape.parts);
}

function isTime(part: ShapePart): boolean {
  return part.kind === 'field' && 'tmn'.includes(part.field);
}

/** `|my app|`: between two of the same separator a blank is part of a name, not one more separator. */
function withWholeNames(parts: readonly ShapePart[]): ShapePart[] {
  const whole: ShapePart[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part === undefined) break;
    whole.push(part);
    let last = index;
    while (part.kind === 'word' && textOf(parts[last + 1]).trim() === '' && parts[last + 2]?.kind === 'word') last += 2;
    const separator = textOf(parts[index - 1]).at(-1) ?? '';
    if (last > index && SEPARATOR.test(separator) && textOf(parts[last + 1]).startsWith(separator)) index = last;
  }
  return whole;
}

function textOf(part: ShapePart | undefined): string {
  return part?.kind === 'literal' ? part.text : '';
}

/** Prefixes of one setting and one sort of process have equal signatures. */
export function signatureOf(parts: readonly ShapePart[]): string {
  return parts
    .map((part) =>
      part.kind === 'literal'
        ? part.text.replaceAll(/ +/g, ' ')
        : part.kind === 'field'
          ? `\0${part.field}`
          : `\0${part.kind}`,
    )
    .join('');
}

class Shape {
  readonly parts: ShapePart[] = [];

  literal(text: string): void {
    const last = this.parts.at(-1);
    if (last?.kind === 'literal') this.parts[this.parts.length - 1] = { kind: 'literal', text: last.text + text };
    else if (text !== '') this.parts.push({ kind: 'literal', text });
  }

  field(field: PrefixField): void {
    const has = (other: PrefixField): boolean =>
      this.parts.some((part) => part.kind === 'field' && part.field === other);
    // %s prints what %t prints: the second time in one prefix is the session's start.
    this.parts.push({
      kind: 'field',
      field: field === 't' && (has('t') || has('n') || (has('m') && !has('s'))) ? 's' : field,
    });
  }
}

/** Each of these three takes what it knows at `position` and says how many chars that was; 0 when it knows nothing. */
function tellingAt(shape: Shape, prefix: string, position: number): number {
  for (const [field, pattern] of TELLING) {
    const value = at(pattern, prefix, position)?.[0];
    if (value === undefined || value === '') continue;
    shape.field(field);
    return value.length;
  }
  return 0;
}

function keyedAt(shape: Shape, prefix: string, position: number): number {
  const key = at(KEY, prefix, position);
  if (key === null || prefix[position - 1] === '@') return 0;
  const name = key[1] ?? '';
  const field = isPrefixField(name) ? name : KEY_FIELD.get(name.toLowerCase());
  // `user: db:kv`: the blank parts the fields, and the first is empty.
  const isBare = isLabelled(prefix, position + key[0].length);
  const separator = isBare ? (key[2] ?? '').trimEnd() : (key[2] ?? '');
  const valueFrom = position + name.length + separator.length;
  const isKnown = (field !== undefined && name.length > 1) || TIME_KEYS.has(name.toLowerCase());
  if (separator.startsWith(':') && (!isKnown || /[[:]/.test(prefix[valueFrom] ?? ''))) return 0;
  shape.literal(name + separator);
  const telling = tellingAt(shape, prefix, valueFrom);
  if (telling > 0) return valueFrom - position + telling;
  // Nothing but a blank behind the sign: the field is empty.
  const quote = separator.at(-1);
  const value =
    quote === '"' || quote === "'"
      ? (at(QUOTED_VALUE[quote], prefix, valueFrom)?.[0] ?? '')
      : /^(?:\s|$)/.test(prefix.slice(valueFrom))
        ? ''
        : keyedValue(prefix, valueFrom);
  if (field !== undefined) shape.field(field === 'h' && /\(\d+\)$/.test(value) ? 'r' : field);
  else if (value !== '') shape.parts.push({ kind: /^\d+$/.test(value) ? 'number' : 'word' });
  return valueFrom - position + value.length;
}

/** What tells by its form that it is another field, or has its label, is no part of a name; nor is a colon that closes the prefix. */
function keyedValue(prefix: string, from: number): string {
  const value = at(KEYED_VALUE, prefix, from)?.[0] ?? '';
  for (let blank = value.indexOf(' '); blank >= 0; blank = value.indexOf(' ', blank + 1)) {
    const next = from + blank + 1;
    const isField = TELLING.some(([field, pattern]) => 'mtnc'.includes(field) && at(pattern, prefix, next) !== null);
    if (isField || isLabelled(prefix, next)) return value.slice(0, blank);
  }
  return value.endsWith(':') ? value.slice(0, -1) : value;
}

function isLabelled(prefix: string, position: number): boolean {
  const name = at(KEY, prefix, position)?.[1]?.toLowerCase() ?? '';
  return KEY_FIELD.has(name) || TIME_KEYS.has(name);
}

function plainAt(shape: Shape, prefix: string, position: number, words: RegExp): number {
  const number = at(NUMBER, prefix, position)?.[0];
  const word = number === undefined ? at(words, prefix, position)?.[0] : undefined;
  if (number !== undefined) shape.parts.push({ kind: 'number' });
  else if (word !== undefined) shape.parts.push({ kind: 'word' });
  else shape.literal(prefix.charAt(position));
  return (number ?? word ?? ' ').length;
}

function at(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}
