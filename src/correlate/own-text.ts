/**
 * A copy of a text that is kept for longer than its log. What a parser cuts out of a piece of log holds on to the whole piece: a thousand kept messages
 * are a thousand pieces of 128 KiB.
 */
export function ownText(text: string): string {
  return Buffer.from(text).toString();
}

/** The same for all texts of a thing. */
export function ownCopy<T>(thing: T): T {
  return structuredClone(thing);
}
