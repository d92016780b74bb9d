/** pg_ctl's own words, which stand before the server's first line where both write to one stream (docker's entrypoint does so). */
const WAITING = /^waiting for server to (?:start|shut down|promote)\.*/;

/** So many characters of a line's beginning are pg_ctl's. */
export function pgCtlChars(line: string): number {
  return line.startsWith('waiting for server') ? (WAITING.exec(line)?.[0].length ?? 0) : 0;
}
