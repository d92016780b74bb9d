/** Both runtimes read a program's output through a buffer of this size, and write down what it held. */
export const PIECE_BYTES = 16 * 1024;

export function piecesOf(text: string, length: number): readonly string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += length) pieces.push(text.slice(from, from + length));
  return pieces;
}
