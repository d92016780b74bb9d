import type { FailureFilter } from '../domain.ts';

/** Longer questions are cut: their first words are more than enough to find what they name. */
const MAX_WORDS = 32;
/** What FTS5's unicode61 takes for a word: letters, digits and private use. Nothing else ever gets into the expression. */
const ANY = '[\\p{L}\\p{N}\\p{Co}]';
const WORD = new RegExp(`${ANY}+`, 'gu');

/** The filters that are kept as words beside the text, each with its own first letter. */
export const FACETS = {
  cause: 'c',
  operation: 'o',
  sqlstate: 's',
  certainty: 'y',
  issue: 'i',
} as const satisfies Partial<Record<keyof FailureFilter, string>>;

type Facet = keyof typeof FACETS;
const FACET_NAMES = Object.keys(FACETS) as Facet[];

/** A filter's value as one word. */
export function facetWord(name: Facet, value: string): string {
  return `${FACETS[name]}${value.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')}`;
}

/**
 * What a text's last word may be: itself; or the beginning of a word, then `endings` are those that begin so. FTS5's own `*` reads every place of all of
 * these words before it gives the first (15 ms where 500,000 failures hold one), so it is left for what has too many endings.
 */
export type LastWord =
  | { readonly kind: 'whole' }
  | { readonly kind: 'one_of'; readonly endings: readonly string[] }
  | { readonly kind: 'cut' };

export const WHOLE: LastWord = { kind: 'whole' };

/** The words of a text, in its order; none for one of blanks and signs. */
export function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().match(WORD)?.slice(0, MAX_WORDS) ?? [];
}

/** Made once: patterns with these classes of letters take .5 ms to build and 10 µs a text when they are new. All are sticky. */
const NO_WORD_BEFORE = new RegExp(`(?<!${ANY})`, 'uy');
const NO_WORD_BEHIND = new RegExp(`(?!${ANY})`, 'uy');
const BETWEEN = new RegExp(`[^${ANY.slice(1, -1)}]+`, 'uy');

/** Whether a text in lower case holds the words in their order, with nothing but signs between them. */
export function holdsInOrder(text: string, words: readonly string[], last: LastWord): boolean {
  const [first = ''] = words;
  for (let at = text.indexOf(first); at !== -1; at = text.indexOf(first, at + 1))
    if (endOf(NO_WORD_BEFORE, text, at) !== null && goesOn(text, at, words, last)) return true;
  return false;
}

function goesOn(text: string, from: number, words: readonly string[], last: LastWord): boolean {
  let at = from;
  for (const [number, word] of words.entries()) {
    const start = number === 0 ? at : endOf(BETWEEN, text, at);
    if (start === null || !text.startsWith(word, start)) return false;
    at = start + word.length;
  }
  return last.kind !== 'whole' || endOf(NO_WORD_BEHIND, text, at) !== null;
}

/** Where a match that begins at `at` ends; null where there is none. */
function endOf(sticky: RegExp, text: string, at: number): number | null {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : null;
}

/**
 * The FTS5 expression for a filter: all words, in any order. Null when the index of words cannot answer it: no word in the text, or fewer than two facets
 * and no text (an ordinary index is as good then).
 */
export function wordsOf(filter: FailureFilter, last: LastWord): string | null {
  const facets = FACET_NAMES.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [`{facets} : "${facetWord(name, value)}"`];
  });
  if (filter.text === undefined) return facets.length < 2 ? null : facets.join(' AND ');
  const words = wordsIn(filter.text);
  if (words.length === 0) return null;
  return [...facets, `{search} : (${allOf(words, last)})`].join(' AND ');
}

function allOf(words: readonly string[], last: LastWord): string {
  const whole = (some: readonly string[], by: string) => some.map((word) => `"${word}"`).join(by);
  if (last.kind === 'one_of') {
    const endings = `(${whole(last.endings, ' OR ')})`;
    return words.length === 1 ? endings : `${whole(words.slice(0, -1), ' AND ')} AND ${endings}`;
  }
  return `${whole(words, ' AND ')}${last.kind === 'cut' ? ' *' : ''}`;
}
