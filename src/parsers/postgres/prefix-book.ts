import { inferPrefix } from './infer-prefix.ts';
import { compilePrefix, matchPrefix, matchUnknownLabel, type PrefixMatch, type PrefixMatcher } from './line-prefix.ts';

/** A line's prefix, read by one of the known settings. */
export interface PrefixReading {
  readonly matcher: PrefixMatcher;
  readonly match: PrefixMatch;
}

/** Reloads change the setting, and two servers may write into one file; more settings than this in one log are damage. */
const MAX_MATCHERS = 6;
const MIN_CONFIDENCE = 0.4;

/** The prefixes known of one log, the one used last first. */
export class PrefixBook {
  #matchers: PrefixMatcher[];

  constructor(first: PrefixMatcher) {
    this.#matchers = [first];
  }

  get current(): PrefixMatcher | null {
    return this.#matchers[0] ?? null;
  }

  read(text: string, from: number, to: number): PrefixReading | null {
    return this.#find((matcher) => matchPrefix(matcher, text, from, to));
  }

  /** For a line that none reads: a whole prefix before a word that is no known label. */
  readUnknownLabel(text: string, from: number, to: number): PrefixReading | null {
    return this.#find((matcher) => matchUnknownLabel(matcher, text, from, to));
  }

  /** Where behind `from` another entry begins inside this text, torn into another's line; -1 when none does. */
  findInside(text: string, from: number, to: number): number {
    for (const matcher of this.#matchers) {
      if (matcher.inside === null) continue;
      matcher.inside.lastIndex = from + 1;
      for (
        let found = matcher.inside.exec(text);
        found !== null && found.index < to;
        found = matcher.inside.exec(text)
      ) {
        if (matchPrefix(matcher, text, found.index, to) !== null) return found.index;
      }
    }
    return -1;
  }

  /** A reload's message named the setting: most lines from here on are written in it. */
  state(template: string): void {
    this.#add(compilePrefix(template));
  }

  /** Seeks the setting of lines that none of the known ones reads (latin1); says whether one was found. */
  learn(lines: readonly string[]): boolean {
    const found = inferPrefix(lines);
    if (
      found === null ||
      found.confidence < MIN_CONFIDENCE ||
      !found.matcher.fields.some((field) => 'tmnpc'.includes(field))
    )
      return false;
    this.#add(found.matcher);
    return true;
  }

  #find(read: (matcher: PrefixMatcher) => PrefixMatch | null): PrefixReading | null {
    for (const [index, matcher] of this.#matchers.entries()) {
      const match = read(matcher);
      if (match === null) continue;
      if (index > 0) this.#add(matcher);
      return { matcher, match };
    }
    return null;
  }

  #add(matcher: PrefixMatcher): void {
    this.#matchers = [matcher, ...this.#matchers.filter(({ template }) => template !== matcher.template)].slice(
      0,
      MAX_MATCHERS,
    );
  }
}
