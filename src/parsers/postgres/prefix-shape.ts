import type { PrefixField } from './line-prefix.ts';

/**
 * What one printed prefix is made of, before anybody knows the setting. A `number` may be a pid, a line number, a transaction id or an SQLSTATE,
 * a `word` a user, a database, an application or a host: which one shows only over many lines.
 */
export type ShapePart =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly field: PrefixField; readonly value: string }
  | { readonly kind: 'number' | 'word'; readonly value: string };

const ZONE = String.raw`(?: (?:[A-Za-z]{1,6}(?![A-Za-z])|[+-]\d\d(?:\d\d|:\d\d)?|<[^>]{1,10}>))?`;
const NOT_A_NUMBER_AFTER = String.raw`(?![0-9A-Za-z.])`;

/** Values that show by their form alone what they are; tried in order. */
const TELLING: readonly (readonly [PrefixField, RegExp])[] = [
  ['m', new RegExp(String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3}${ZONE}`, 'y')],
  ['t', new RegExp(String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d${ZONE}`, 'y')],
  ['n', new RegExp(String.raw`\d{10}\.\d{3}${NOT_A_NUMBER_AFTER}`, 'y')],
  ['c', new RegExp(String.raw`[0-9a-f]{6,16}\.[0-9a-f]{1,8}${NOT_A_NUMBER_AFTER}`, 'y')],
  ['r', /(?:\[local\]|[0-9A-Za-z.:_-]+)\(\d{1,5}\)/y],
  ['h', /\[local\]|\d{1,3}(?:\.\d{1,3}){3}(?![0-9.])|(?=[0-9a-f:]*:[0-9a-f:]*:)[0-9a-f]*:[0-9a-f:]+(?![0-9A-Za-z])/y],
  ['v', /-?\d+\/\d+/y],
  [
    'b',
    /(?:client backend|autovacuum (?:worker|launcher)|logical replication (?:launcher|(?:apply |parallel |tablesync )?worker)|parallel worker|background w(?:riter|orker)|checkpointer|postmaster|startup|wal(?:writer|sender|receiver)|archiver|logger|not initialized|standalone backend|io worker|slotsync worker|walsummarizer)(?![A-Za-z])/y,
  ],
  [
    'i',
    /(?:idle in transaction(?: \(aborted\))?|idle|authentication|initializing|PARSE|BIND|SELECT|INSERT|UPDATE|DELETE|COMMIT|ROLLBACK|BEGIN|CREATE [A-Z ]+|ALTER [A-Z ]+|DROP [A-Z ]+|SET|SHOW|COPY|DO|CALL|MERGE|TRUNCATE TABLE|VACUUM|EXPLAIN|FETCH)(?![A-Za-z])/y,
  ],
];

/** What people call the fields when they label them. */
const KEY_FIELD: ReadonlyMap<string, PrefixField> = new Map<string, PrefixField>(
  (
    [
      ['u', 'user usr username usename role'],
      ['d', 'db database dbname datname'],
      ['a', 'app application application_name appname'],
      ['h', 'client host remote from ip addr address client_addr remote_host peer'],
      ['p', 'pid process backend_pid'],
      ['c', 'session sess session_id sid'],
      ['l', 'line line_num num seq'],
      ['x', 'xid tx txid trx transaction'],
      ['v', 'vxid vtx virtual'],
      ['e', 'sqlstate state code error_code err'],
      ['i', 'cmd command tag command_tag ps'],
      ['b', 'type backend backend_type btype'],
      ['Q', 'queryid query_id qid'],
      ['P', 'leader leader_pid parent'],
      ['L', 'local local_addr server'],
    ] as const
  ).flatMap(([field, keys]) => keys.split(' ').map((key): [string, PrefixField] => [key, field])),
);

const KEY = /([A-Za-z_]+)(=|: ?(?=[^:\s\d]|$))/y;
/** A labelled value goes to the next labelled one, or to the punctuation that closes its group. */
const KEYED_VALUE = /(?:\[[^\]\s]*\]|[^\s,;|\])])*?(?:[^,;|\])=\n]{0,63}?(?=[,;|\s]+[A-Za-z_]+=|[,;|\])]|\s*$))/y;
const NUMBER = /(?:\d+|[0-9A-Z]{5})(?![0-9A-Za-z._])/y;
const WORD = /\[[A-Za-z\x80-\xff][^\]\s]*\]|[A-Za-z_\x80-\xff][^\s,;:|@[\]()<>=/'"%]*/y;

export function shapeOfPrefix(prefix: string): ShapePart[] {
  const parts: ShapePart[] = [];
  const literal = (text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === 'literal') parts[parts.length - 1] = { kind: 'literal', text: last.text + text };
    else parts.push({ kind: 'literal', text });
  };
  for (let position = 0; position < prefix.length; ) {
    const telling = tellingAt(prefix, position);
    if (telling !== null) {
      parts.push(telling);
      position += telling.value.length;
      continue;
    }
    const key = at(KEY, prefix, position);
    const keyField = key === null ? undefined : KEY_FIELD.get((key[1] ?? '').toLowerCase());
    if (key !== null && (keyField !== undefined || key[2] === '=')) {
      literal(key[0]);
      position += key[0].length;
      const value = at(KEYED_VALUE, prefix, position)?.[0] ?? '';
      parts.push(keyField === undefined ? { kind: 'word', value } : { kind: 'field', field: keyedField(keyField, value), value });
      position += value.length;
      continue;
    }
    const number = at(NUMBER, prefix, position)?.[0];
    const word = number === undefined ? at(WORD, prefix, position)?.[0] : undefined;
    if (number !== undefined) parts.push({ kind: 'number', value: number });
    else if (word !== undefined) parts.push({ kind: 'word', value: word });
    else literal(prefix.charAt(position));
    position += (number ?? word ?? ' ').length;
  }
  return parts;
}

/** Prefixes of one setting and one sort of process have equal signatures. */
export function signatureOf(parts: readonly ShapePart[]): string {
  return parts
    .map((part) => (part.kind === 'literal' ? part.text.replaceAll(/ +/g, ' ') : part.kind === 'field' ? `\0${part.field}` : `\0${part.kind === 'number' ? '#' : '$'}`))
    .join('');
}

function keyedField(field: PrefixField, value: string): PrefixField {
  return field === 'h' && /\(\d+\)$/.test(value) ? 'r' : field;
}

function tellingAt(prefix: string, position: number): { kind: 'field'; field: PrefixField; value: string } | null {
  for (const [field, pattern] of TELLING) {
    const value = at(pattern, prefix, position)?.[0];
    if (value !== undefined && value !== '') return { kind: 'field', field, value };
  }
  return null;
}

function at(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}
