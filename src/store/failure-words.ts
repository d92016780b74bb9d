import type { FailureFilter } from '../domain.ts';

/** Longer questions are cut: their first words are more than enough to find what they name. */
const MAX_WORDS = 32;
/** What FTS5's unicode61 takes for a word: letters, digits and private use. Nothing else ever gets into the expression. */
const WORD = /[\p{L}\p{N}\p{Co}]+/gu;

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

/** All words, in any order, the last one perhaps cut short; or the very sequence of them. */
export type WordMatch = 'all' | 'phrase';

/**
 * The FTS5 expression for a filter. Null when the index of words cannot answer it: no word in the text, or fewer than two facets and no text
 * (an ordinary index is as good then).
 */
export function wordsOf(filter: FailureFilter, how: WordMatch): string | null {
  const facets = FACET_NAMES.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [`{facets} : "${facetWord(name, value)}"`];
  });
  if (filter.text === undefined) return facets.length < 2 ? null : facets.join(' AND ');
  const words = filter.text.toLowerCase().match(WORD)?.slice(0, MAX_WORDS) ?? [];
  if (words.length === 0) return null;
  const text =
    how === 'phrase'
      ? `{search} : "${words.join(' ')}" *`
      : `{search} : (${words.map((word) => `"${word}"`).join(' AND ')} *)`;
  return [...facets, text].join(' AND ');
}
