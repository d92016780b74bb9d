import type { LineRef } from './line-reader.ts';

const SAMPLE_LINES = 64;
const MAX_HELD = 1024;
const MAX_HELD_CHARS = 1 << 18;

/** The last lines that no reader understood: when there are enough of them, they may show a form of their own. */
export class Misfits {
  #held: LineRef[] = [];
  #heldChars = 0;
  #sinceLooked = 0;
  /** Doubles with each vain look, so that a long file of junk costs little; but no line is let go before it was looked at. */
  #patience = SAMPLE_LINES;

  get isDue(): boolean {
    return this.#sinceLooked >= this.#patience;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  add(ref: LineRef): void {
    this.#sinceLooked++;
    const text = ref.text.slice(ref.from, ref.to);
    this.#held.push({ ...ref, text, from: 0, to: text.length });
    this.#heldChars += text.length;
    while (this.#held.length > MAX_HELD || (this.#heldChars > MAX_HELD_CHARS && this.#held.length > 1)) {
      this.#heldChars -= this.#held.shift()?.text.length ?? 0;
    }
  }

  /** Takes the lines out in the order of the log, for a reader that was found for them. */
  take(): LineRef[] {
    const held = this.#held.toSorted((a, b) => a.byteStart - b.byteStart);
    this.#held = [];
    this.#heldChars = 0;
    this.#sinceLooked = 0;
    return held;
  }

  /** The newest of them: a form that has begun shows in every piece of the log from there on. */
  sample(): string[] {
    return this.#held.slice(-SAMPLE_LINES).map(({ text }) => text);
  }

  lookedInVain(): void {
    this.#sinceLooked = 0;
    this.#patience = Math.min(MAX_HELD, this.#patience * 2);
  }
}
