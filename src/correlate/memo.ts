import { ownText } from './own-text.ts';

/**
 * Answers by text, for what a storm asks thousands of times: emptied when full, which costs less than keeping an order. Long texts are not kept.
 */
export class Memo<T> {
  readonly #answers = new Map<string, T>();
  readonly #maxEntries: number;
  readonly #maxChars: number;

  constructor({ maxEntries = 4096, maxChars = 2000 } = {}) {
    this.#maxEntries = maxEntries;
    this.#maxChars = maxChars;
  }

  get(text: string, compute: (text: string) => T): T {
    const known = this.#answers.get(text);
    if (known !== undefined) return known;
    if (text.length > this.#maxChars) return compute(text);
    const kept = ownText(text);
    const answer = compute(kept);
    if (this.#answers.size >= this.#maxEntries) this.#answers.clear();
    this.#answers.set(kept, answer);
    return answer;
  }
}
