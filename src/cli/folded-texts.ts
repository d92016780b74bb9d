/** A power of two: what lies where is told by the low bits of the length. */
const SLOTS = 128;
/** A shorter text is folded as quickly as it is found. */
const MIN_CHARS = 5;
const MAX_CHARS = 4096;

interface Folded {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/**
 * The bytes that long texts became when they were folded to one line. A log of errors repeats a few statements a million times, and the parser
 * gives the same string for each: that is known at a glance.
 */
export class FoldedTexts {
  readonly #known: (Folded | undefined)[] = Array.from({ length: SLOTS });
  /** What was met last in a slot: only what is met twice is kept. */
  readonly #met: string[] = Array.from({ length: SLOTS }, () => '');

  find(text: string): Uint8Array | null {
    const known = this.#known[text.length & (SLOTS - 1)];
    return known?.text === text ? known.bytes : null;
  }

  /** @param bytes what `text` became; they are copied. */
  meet(text: string, bytes: Uint8Array): void {
    if (text.length < MIN_CHARS || text.length > MAX_CHARS) return;
    const slot = text.length & (SLOTS - 1);
    if (this.#met[slot] === text) this.#known[slot] = { text, bytes: Uint8Array.from(bytes) };
    else this.#met[slot] = text;
  }
}
