/** What the lines of one entry begin with: the same bytes, but for the number that `%l` counts a session's lines with. */
export interface EntryPrefix {
  /** Up to that number, or all of it. */
  readonly lead: string;
  /** From behind the number on; null where there is none. */
  readonly rest: string | null;
}

/** Where in a line with this prefix the label begins; -1 when the line begins otherwise. */
export function labelBehind({ lead, rest }: EntryPrefix, text: string, from: number): number {
  const leadTo = from + lead.length;
  // Two strings are compared as memory is; startsWith goes from letter to letter, which takes twice as long.
  if (text.slice(from, leadTo) !== lead) return -1;
  if (rest === null) return leadTo;
  const restFrom = digitsEnd(text, leadTo);
  const restTo = restFrom + rest.length;
  return restFrom > leadTo && text.slice(restFrom, restTo) === rest ? restTo : -1;
}

/** Where the digits that begin at `from` end. */
export function digitsEnd(text: string, from: number): number {
  let at = from;
  for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(at) - 48) at++;
  return at;
}
