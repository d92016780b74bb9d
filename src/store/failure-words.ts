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

/** Finds the words in their order in a text in lower case, with nothing but signs between them. */
export function sequenceOf(words: readonly string[], last: LastWord): RegExp {
  const between = `[^${ANY.slice(1, -1)}]+`;
  // Words hold letters and digits alone: nothing in them means anything in a pattern.
  return new RegExp(`(?<!${ANY})${words.join(between)}${last.kind === 'whole' ? `(?!${ANY})` : ''}`, 'u');
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
