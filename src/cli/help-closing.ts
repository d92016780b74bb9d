/** What the help and the man page end with. */
export const HELP_CLOSING = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 no match, 4 ambiguous,
5 daemon unreachable, 6 denied, 78 bad configuration.
Times: ISO 8601, a local clock time (14:03:12) or a span (15m: so long ago).`;
