import { encodeUtf8 } from '../latin1.ts';
import { ENGLISH_LABEL_SOURCE, LABEL_GROUPS, LABEL_SOURCE, LABELS, UNKNOWN_LABEL_SOURCE } from './labels.ts';
import { BLANKS_SOURCE, FIELD_SOURCE, isPrefixField, TIDY_SOURCE, type PrefixField } from './prefix-field.ts';

/** One piece of a template: literal bytes, a field, or the `%q` mark after which background processes print nothing. */
export type PrefixToken =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'field'; readonly field: PrefixField; readonly padded: boolean }
  | { readonly kind: 'quit' };

/** A log_line_prefix made ready to match: sticky regexes over latin1 text; the fields are captured in order, the label last. */
export interface PrefixMatcher {
  /** The prefix in Postgres' escapes. */
  readonly template: string;
  readonly tokens: readonly PrefixToken[];
  readonly fields: readonly PrefixField[];
  /** Where among the values a field's stands; of an escape that comes twice the first. */
  readonly indexes: Readonly<Partial<Record<PrefixField, number>>>;
  /** Names without punctuation only; tried first. */
  readonly tidy: RegExp;
  /** Names of any kind; tried last. */
  readonly loose: RegExp;
  /** What background processes print when the template has a `%q`, with its leading fields only; else null. */
  readonly background: RegExp | null;
  /** The whole prefix before a word that is no known label; null where the prefix is too loose to tell an entry from any other line. */
  readonly unknownLabel: RegExp | null;
  /** Finds where an entry may begin inside a line, behind another writer's torn one; null where a name stands before the first telling field. */
  readonly inside: RegExp | null;
  /** Finds another label of the same line behind the first, which a client may have written into its name; null where there is no such name. */
  readonly forged: RegExp | null;
}

/** What a line's prefix said. */
export interface PrefixMatch {
  /** Of the matcher's fields those that this line has, in order, as printed. */
  readonly values: readonly string[];
  readonly label: string;
  readonly isTidy: boolean;
  /** Where in the text the message begins. */
  readonly bodyFrom: number;
}

type Sources = Readonly<Record<PrefixField, string>>;

/** Fields that make a line an entry's beyond doubt. */
const TELLING_FIELDS: ReadonlySet<PrefixField> = new Set<PrefixField>(['t', 'm', 'n', 'c']);

/** A process that stops at `%q` has no names, also where they stand before it. */
const NAMELESS_SOURCE: Sources = { ...FIELD_SOURCE, u: '', d: '', a: '', h: '', r: '', i: '', L: '' };

/** Splits a `log_line_prefix` into tokens; an escape that Postgres does not know prints nothing. */
export function tokenizePrefix(template: string): PrefixToken[] {
  const tokens: PrefixToken[] = [];
  const literal = (text: string): void => {
    const last = tokens.at(-1);
    if (last?.kind === 'literal') tokens[tokens.length - 1] = { kind: 'literal', text: last.text + text };
    else tokens.push({ kind: 'literal', text });
  };
  for (const match of template.matchAll(/%(-?\d*)([^])|[^%]+/g)) {
    const escape = match[2];
    if (escape === undefined) literal(match[0]);
    else if (escape === '%') literal('%');
    else if (escape === 'q') tokens.push({ kind: 'quit' });
    else if (isPrefixField(escape)) tokens.push({ kind: 'field', field: escape, padded: match[1] !== '' });
  }
  return tokens;
}

/** @param forgeable the field that holds what the client calls itself: the application, or a name that may be one for all that was found out */
export function compilePrefix(template: string, forgeable: PrefixField = 'a'): PrefixMatcher {
  const tokens = tokenizePrefix(template);
  const loose: Sources = { ...FIELD_SOURCE, [forgeable]: FIELD_SOURCE.a };
  const quit = tokens.findIndex((token) => token.kind === 'quit');
  const fields = tokens.flatMap((token) => (token.kind === 'field' ? [token.field] : []));
  const isTelling = fields.some((field) => TELLING_FIELDS.has(field));
  const forged = forgedTail(tokens, forgeable);
  return {
    template,
    tokens,
    fields,
    indexes: Object.fromEntries(fields.map((field, index) => [field, index] as const).toReversed()),
    tidy: new RegExp(sourceOf(tokens, TIDY_SOURCE) + LABEL_SOURCE + (forged === null ? '' : `(?!${forged})`), 'y'),
    loose: new RegExp(sourceOf(tokens, loose) + LABEL_SOURCE, 'y'),
    background: quit < 0 ? null : new RegExp(sourceOf(tokens.slice(0, quit), NAMELESS_SOURCE) + LABEL_SOURCE, 'y'),
    unknownLabel: isTelling ? new RegExp(sourceOf(tokens, TIDY_SOURCE) + UNKNOWN_LABEL_SOURCE, 'y') : null,
    inside: insideOf(tokens),
    forged: forged === null ? null : new RegExp(forged, 'y'),
  };
}

/** Reads the prefix and label that begin at `from`; null when this is not how the line begins. */
export function matchPrefix(matcher: PrefixMatcher, text: string, from: number, to: number): PrefixMatch | null {
  const tidy =
    readAt(matcher.tidy, text, from, to) ??
    (matcher.background === null ? null : readAt(matcher.background, text, from, to));
  const match = tidy ?? readAt(matcher.loose, text, from, to);
  if (match === null) return null;
  const values = match.slice(1, -LABEL_GROUPS);
  return { values, label: labelOf(match), bodyFrom: from + match[0].length, isTidy: tidy !== null };
}

/** The same for a word in the label's place that is none that we know. */
export function matchUnknownLabel(matcher: PrefixMatcher, text: string, from: number, to: number): PrefixMatch | null {
  const match = matcher.unknownLabel === null ? null : execAt(matcher.unknownLabel, text, from, to);
  return match === null
    ? null
    : { values: match.slice(1, -1), label: match.at(-1) ?? '', bodyFrom: from + match[0].length, isTidy: true };
}

/** Up to the first field that tells: a name before it could be any text at all. */
function insideOf(tokens: readonly PrefixToken[]): RegExp | null {
  const telling = tokens.findIndex((token) => token.kind === 'field' && TELLING_FIELDS.has(token.field));
  const head = tokens.slice(0, telling + 1);
  const isLoose = head.some((token) => token.kind === 'field' && !TELLING_FIELDS.has(token.field));
  return telling < 0 || isLoose ? null : new RegExp(sourceOf(head, FIELD_SOURCE), 'g');
}

function readAt(pattern: RegExp, text: string, from: number, to: number): RegExpExecArray | null {
  const match = execAt(pattern, text, from, to);
  return match !== null && LABELS.has(labelOf(match)) ? match : null;
}

function execAt(pattern: RegExp, text: string, from: number, to: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  return match !== null && from + match[0].length <= to ? match : null;
}

/** The word in a match of a pattern that ends in LABEL_SOURCE. */
export function labelOf(match: RegExpExecArray): string {
  return match.at(-1) ?? match.at(-LABEL_GROUPS) ?? '';
}

/** Whether a label that ends at `from` may be one that a client wrote into its name. */
export function mayBeForged({ forged }: PrefixMatcher, text: string, from: number): boolean {
  if (forged === null) return false;
  forged.lastIndex = from;
  return forged.test(text);
}

/**
 * Regex source of what may not stand behind a label: the rest of the prefix once more before another label. The application's name is written
 * by the client and may imitate both (`x] LOG:  fake` in `[%a] `). Such a line is read loosely, to its last label.
 */
function forgedTail(tokens: readonly PrefixToken[], forgeable: PrefixField): string | null {
  const application = tokens.findIndex((token) => token.kind === 'field' && token.field === forgeable);
  if (application < 0) return null;
  const tail = tokens
    .slice(application + 1)
    .map((token) => tokenSource(token, TIDY_SOURCE, null).replaceAll(/\((?!\?)/g, '(?:'));
  return String.raw`[^\n]{0,63}?${tail.join('')}${ENGLISH_LABEL_SOURCE}`;
}

function sourceOf(tokens: readonly PrefixToken[], sources: Sources): string {
  return tokens.map((token, index) => tokenSource(token, sources, tokens[index - 1] ?? null)).join('');
}

function tokenSource(token: PrefixToken, sources: Sources, before: PrefixToken | null): string {
  switch (token.kind) {
    case 'literal':
      // Padding of a neighbouring field shows as more blanks than the template has.
      return encodeUtf8(token.text)
        .replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
        .replaceAll(/ +/g, BLANKS_SOURCE);
    case 'field': {
      // `user@server` is a user where accounts are named so; a database with an @ is not to be expected.
      const joined = token.field === 'd' && before?.kind === 'literal' && before.text.endsWith('@');
      const source = joined && sources.d === FIELD_SOURCE.d ? String.raw`[^\n@]{0,63}?` : sources[token.field];
      return token.padded ? ` *(${source}) *` : `(${source})`;
    }
    case 'quit':
      return '';
  }
}
