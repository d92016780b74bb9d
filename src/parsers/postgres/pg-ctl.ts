/** pg_ctl's own words, which stand before the server's first line where both write to one stream (docker's entrypoint does so). */
const WAITING = /waiting for server to (?:start|shut down|promote)\.*/y;

/** So many characters of a line's beginning, which is at `from`, are pg_ctl's. */
export function pgCtlChars(text: string, from = 0): number {
  WAITING.lastIndex = from;
  return WAITING.exec(text)?.[0].length ?? 0;
}
