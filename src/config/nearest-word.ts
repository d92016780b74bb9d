/** The word of the list that a mistyped one was most likely meant to be, or null when none is close. */
export function nearestWord(typed: string, words: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const word of words) {
    const distance = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [word, distance];
  }
  if (best === null) return null;
  if (bestDistance <= Math.max(2, Math.floor(best.length / 3))) return best;
  // `token` for `token_file` is far by edits but plainly meant.
  return typed.length >= 3 ? (words.find((word) => word.startsWith(typed.toLowerCase())) ?? null) : null;
}

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const cell = (rowIndex: number, columnIndex: number): number =>
        (rowIndex === row ? current : rows[rowIndex])?.[columnIndex] ?? Infinity;
      const replaced = cell(row - 1, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swaps = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = swaps ? cell(row - 2, column - 2) + 1 : Infinity;
      current.push(Math.min(cell(row - 1, column) + 1, cell(row, column - 1) + 1, replaced, swapped));
    }
    rows.push(current);
  }
  return rows[from.length]?.[to.length] ?? Infinity;
}
