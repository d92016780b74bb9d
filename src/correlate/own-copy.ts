/** What `ownText` does, for all texts of a thing. */
export function ownCopy<T>(thing: T): T {
  return structuredClone(thing);
}
