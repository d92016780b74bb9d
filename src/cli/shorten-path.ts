import { fitWidth, textWidth } from './text-width.ts';

const CUT = '…';

/**
 * A path in at most so many columns. What tells one log from another goes last: the folders yield first, from the inside, then the middle of the
 * file's own name. Expects escaped text.
 */
export function shortenPath(path: string, columns: number): string {
  if (textWidth(path) <= columns) return path;
  const nameAt = path.lastIndexOf('/') + 1;
  const name = path.slice(nameAt);
  const roomForFolders = columns - textWidth(name) - 2;
  if (nameAt > 0 && roomForFolders >= 1) return `${headOf(path.slice(0, nameAt), roomForFolders)}${CUT}/${name}`;
  return cutMiddle(name, columns);
}

/** `file:line` in at most so many columns; the line stays. */
export function shortenPlace(file: string, line: number, columns: number): string {
  const tail = `:${String(line)}`;
  return shortenPath(file, Math.max(8, columns - tail.length)) + tail;
}

function headOf(folders: string, columns: number): string {
  return fitWidth(folders, columns + 1).replace(/…$/u, '');
}

/** The end of a log's name holds its date and number, by which it is told from its neighbours: it gets the larger part. */
function cutMiddle(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 3) return fitWidth(text, columns);
  const tailRoom = Math.ceil(((columns - 1) * 2) / 3);
  const chars = Array.from(text);
  let tail = '';
  let from = chars.length;
  while (from > 0 && textWidth((chars[from - 1] ?? '') + tail) <= tailRoom) {
    from -= 1;
    tail = (chars[from] ?? '') + tail;
  }
  return `${headOf(chars.slice(0, from).join(''), columns - 1 - textWidth(tail))}${CUT}${tail}`;
}
