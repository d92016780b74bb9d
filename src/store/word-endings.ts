import type { Database } from 'better-sqlite3';
import type { LastWord } from './failure-words.ts';

/** More words than this begin alike only where the beginning is short or a number. */
const MAX_ENDINGS = 64;
const MARKS = /\p{M}/gu;
/** Above every letter and digit that a word may go on with. */
const LAST = '\u{10FFFF}';
/** Below every letter and digit: a word with this behind it comes just after the word. */
const FIRST = '\u0001';

/** The words that the index of words holds, by their beginnings. */
export class WordEndings {
  readonly #next;

  constructor(database: Database) {
    // Of this kind alone it gives a word without counting in how many failures it stands.
    database.exec(
      `CREATE VIRTUAL TABLE IF NOT EXISTS temp.failure_vocabulary USING fts5vocab(main, 'failure_words', 'instance')`,
    );
    this.#next = database.prepare<[string, string], { term: string }>(
      'SELECT term FROM temp.failure_vocabulary WHERE term >= ? AND term <= ? LIMIT 1',
    );
  }

  /** Null where no word begins so. */
  of(beginning: string): LastWord | null {
    // The tokenizer takes accents off; where it does otherwise than this, nothing is found here and the beginning itself is searched for.
    const folded = beginning.normalize('NFD').replace(MARKS, '');
    const endings: string[] = [];
    for (let from = folded; endings.length <= MAX_ENDINGS;) {
      const term = this.#next.get(from, folded + LAST)?.term;
      if (term === undefined) break;
      endings.push(term);
      from = term + FIRST;
    }
    if (endings.length === 0) return folded === beginning ? null : { kind: 'cut' };
    return endings.length > MAX_ENDINGS ? { kind: 'cut' } : { kind: 'one_of', endings };
  }
}
