const NON_ASCII = /[\x80-\xff]/;

/** Decodes UTF-8 that was sliced as latin1; invalid bytes become U+FFFD, NULs stay for the printers to escape. */
export function decodeUtf8(latin1: string): string {
  return NON_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}

/** The reverse: text as the bytes that a log holds, one char a byte. */
export function encodeUtf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** V8 copies what is shorter anyway. */
const MIN_PIECE_CHARS = 13;

/** The same text in memory of its own: a piece of a large text keeps all of that alive. */
export function flatCopy(latin1: string): string {
  return latin1.length < MIN_PIECE_CHARS ? latin1 : Buffer.from(latin1, 'latin1').toString('latin1');
}
