/** Comments stand before the SQL (marginalia) or behind it (sqlcommenter); a bulk insert between them is megabytes long. */
const LOOKED_AT_CHARS = 1000;
const COMMENT = /\/\*([^]{1,600}?)\*\//g;
/** The trace's id of `traceparent='00-...-01'`, and `request_id:...` or `request_id='...'`. */
const IDS: readonly RegExp[] = [
  /\btraceparent='?[0-9a-f]{2}-([0-9a-f]{32})-/i,
  /\brequest_?id\s*[:=]\s*'?([\w.-]{6,200})/i,
];

/** The id of the request for which a statement ran, where the client wrote it into the SQL; null where it did not. At COMMIT there is none. */
export function requestInStatement(statement: string | null): string | null {
  if (statement?.includes('/*') !== true) return null;
  const ends =
    statement.length <= 2 * LOOKED_AT_CHARS
      ? statement
      : `${statement.slice(0, LOOKED_AT_CHARS)}\n${statement.slice(-LOOKED_AT_CHARS)}`;
  for (const [, comment = ''] of ends.matchAll(COMMENT))
    for (const id of IDS) {
      const found = id.exec(comment)?.[1];
      if (found !== undefined) return found;
    }
  return null;
}
