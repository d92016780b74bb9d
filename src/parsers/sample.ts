/** A sample ends anywhere; the piece of a line at its end proves nothing, unless it is all there is. */
export function wholeLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.length > 1 ? lines.slice(0, -1) : lines;
}

/** The newest full date in a text, ms since the epoch; 0 when there is none. */
export function newestDateMs(text: string): number {
  let newest = 0;
  for (const [date] of text.matchAll(/\b(?:19|20)\d\d-[01]\d-[0-3]\d\b/g)) {
    const ms = Date.parse(`${date}T12:00:00Z`);
    if (ms > newest) newest = ms;
  }
  return newest;
}
