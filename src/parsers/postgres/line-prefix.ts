import { encodeUtf8 } from '../latin1.ts';
import { LABEL_SOURCE } from './labels.ts';

/** The escapes of `log_line_prefix` whose values an event keeps; the others are matched and passed over. */
export type PrefixField = 't' | 'm' | 'n' | 's' | 'p' | 'c' | 'u' | 'd' | 'a' | 'h' | 'r' | 'e' | 'b' | 'x' | 'v' | 'l' | 'i' | 'P' | 'Q' | 'L';

/**
 * What one escape can print, as regex source over bytes; every field but the time may be empty in a background process.
 * Names are at most 63 bytes (NAMEDATALEN). The application's is greedy: it is written by the client and may imitate what follows it,
 * so the last fit inside its 63 bytes is the true one.
 */
const FIELD_SOURCE: Readonly<Record<PrefixField, string>> = {
  t: String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: (?:[A-Za-z]{1,6}|[+-]\d\d(?:\d\d|:\d\d)?|<[^>]{1,10}>))?`,
  m: String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3}(?: (?:[A-Za-z]{1,6}|[+-]\d\d(?:\d\d|:\d\d)?|<[^>]{1,10}>))?`,
  n: String.raw`\d{9,11}\.\d{3}`,
  s: String.raw`(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: (?:[A-Za-z]{1,6}|[+-]\d\d(?:\d\d|:\d\d)?|<[^>]{1,10}>))?)?`,
  p: String.raw`\d{1,10}`,
  c: String.raw`[0-9a-f]{1,16}\.[0-9a-f]{1,8}`,
  u: '[^\\n]{0,63}?',
  d: '[^\\n]{0,63}?',
  a: '[^\\n]{0,63}',
  h: String.raw`(?:\[local\]|[^\s()]{0,255}?)`,
  r: String.raw`(?:\[local\]|[^\s()]{0,255}?(?:\(\d+\))?)`,
  e: '[0-9A-Z]{5}',
  b: '[a-z_ ]{0,60}?',
  x: String.raw`\d{0,20}`,
  v: String.raw`(?:-?\d+/\d+)?`,
  l: String.raw`\d{1,20}`,
  i: '[A-Za-z_ ]{0,40}?',
  P: String.raw`\d{0,10}`,
  Q: String.raw`-?\d{0,20}`,
  L: String.raw`(?:\[local\]|[^\s()]{0,255}?)`,
};

/** One piece of a template: literal bytes, a field, or the `%q` mark after which background processes print nothing. */
export type PrefixToken =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly field: PrefixField; readonly padded: boolean }
  | { readonly kind: 'quit' };

/** A log_line_prefix made ready to match: sticky regexes over latin1 text, the label captured last. */
export interface PrefixMatcher {
  /** The prefix in Postgres' escapes. */
  readonly template: string;
  readonly fields: readonly PrefixField[];
  readonly session: RegExp;
  /** What background processes print when the template has a `%q`, with its leading fields only; else null. */
  readonly background: RegExp | null;
}

/** Splits a `log_line_prefix` into tokens; an escape that Postgres does not know prints nothing. */
export function tokenizePrefix(template: string): PrefixToken[] {
  const tokens: PrefixToken[] = [];
  const literal = (text: string): void => {
    const last = tokens.at(-1);
    if (last?.kind === 'literal') tokens[tokens.length - 1] = { kind: 'literal', text: last.text + text };
    else tokens.push({ kind: 'literal', text });
  };
  for (const match of template.matchAll(/%(-?\d*)([A-Za-z%])|[^%]+|%/g)) {
    const escape = match[2];
    if (escape === undefined) literal(match[0]);
    else if (escape === '%') literal('%');
    else if (escape === 'q') tokens.push({ kind: 'quit' });
    else if (isPrefixField(escape)) tokens.push({ kind: 'field', field: escape, padded: match[1] !== '' });
  }
  return tokens;
}

export function compilePrefix(template: string): PrefixMatcher {
  const tokens = tokenizePrefix(template);
  const quit = tokens.findIndex((token) => token.kind === 'quit');
  return {
    template,
    fields: tokens.flatMap((token) => (token.kind === 'field' ? [token.field] : [])),
    session: compile(tokens),
    background: quit < 0 ? null : compile(tokens.slice(0, quit)),
  };
}

function compile(tokens: readonly PrefixToken[]): RegExp {
  return new RegExp(tokens.map(tokenSource).join('') + LABEL_SOURCE, 'y');
}

function tokenSource(token: PrefixToken): string {
  switch (token.kind) {
    case 'literal':
      // Padding of a neighbouring field shows as more blanks than the template has.
      return encodeUtf8(token.text)
        .replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
        .replaceAll(/ +/g, ' +');
    case 'field':
      return token.padded ? ` *(${FIELD_SOURCE[token.field]}) *` : `(${FIELD_SOURCE[token.field]})`;
    case 'quit':
      return '';
  }
}

function isPrefixField(escape: string): escape is PrefixField {
  return Object.hasOwn(FIELD_SOURCE, escape);
}
