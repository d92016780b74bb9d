/**
 * A copy of a text that is kept for longer than its log. What a parser cuts out of a piece of log holds on to the whole piece: a thousand kept messages
 * are a thousand pieces of 128 KiB.
 */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}

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
