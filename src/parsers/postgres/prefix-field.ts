/** The escapes of `log_line_prefix`. */
export type PrefixField =
  't' | 'm' | 'n' | 's' | 'p' | 'c' | 'u' | 'd' | 'a' | 'h' | 'r' | 'e' | 'b' | 'x' | 'v' | 'l' | 'i' | 'P' | 'Q' | 'L';

/** Where no blank ends the prefix, the label stands right behind the zone: `12:38:16 ESTLOG:`. */
const GLUED_LABEL =
  '(?=(?:LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DETAIL|HINT|QUERY|CONTEXT|LOCATION|BACKTRACE|STATEMENT):)';
const ZONE_NAME = `[A-Za-z]{1,6}(?![A-Za-z])|[A-Z]{3,5}?${GLUED_LABEL}`;
/** A server always prints a zone. Where one could stand it is one: a name behind the time must not be read as having it instead. */
const ZONE = String.raw`(?: (?:${ZONE_NAME}|[+-]\d\d(?:(?:\d\d|:\d\d)(?![\d.]))?|<[^>]{1,10}>)|(?! (?:[A-Z]{3,5}|[+-]\d\d(?:\d\d)?)(?![A-Za-z:])))`;
const SECONDS = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
/** What %L prints where there is no connection. */
export const NO_ADDRESS = '[none]';
const HOST = String.raw`\[local\]|\[none\]|[^\s()]{0,255}?`;

/** Blanks of a prefix: padding of a neighbouring field shows as more than it has, but not without end. */
export const BLANKS_SOURCE = ' {1,24}';
/** No name begins or ends with a blank: else a run of blanks could be shared out among names and literals in countless ways. */
export const LAZY_NAME = '(?:[^\\n ](?:[^\\n]{0,61}?[^\\n ])??)??';

/** Process kinds that %b prints; a user by such a name is not to be expected. */
export const BACKEND_TYPE_SOURCE =
  'client backend|autovacuum (?:worker|launcher)|logical replication (?:launcher|(?:apply |parallel (?:apply )?|tablesync )?worker)|parallel worker|background w(?:riter|orker)|checkpointer|postmaster|startup|wal(?:writer|sender|receiver|summarizer)|archiver|logger|not initialized|standalone backend|io worker|slotsync worker|dead-end client backend';
/** What %i prints. */
export const COMMAND_TAG_SOURCE =
  'idle in transaction(?: \\(aborted\\))?|idle|authentication|initializing|PARSE|BIND|SELECT|INSERT|UPDATE|DELETE|COMMIT|ROLLBACK|BEGIN|START TRANSACTION|CREATE [A-Z ]*[A-Z]|ALTER [A-Z ]*[A-Z]|DROP [A-Z ]*[A-Z]|SET|RESET|SHOW|PREPARE|EXECUTE|DEALLOCATE|DECLARE CURSOR|CLOSE CURSOR|SAVEPOINT|RELEASE|LISTEN|NOTIFY|DISCARD ALL|CHECKPOINT|COPY|DO|CALL|MERGE|TRUNCATE TABLE|VACUUM|ANALYZE|EXPLAIN|FETCH|LOCK TABLE|REINDEX|GRANT|REVOKE';
/** Applications whose names hold blanks, so that nobody takes them for several fields. */
export const APPLICATION_SOURCE =
  'PostgreSQL JDBC Driver|pgAdmin 4 - [A-Z]+:[^\\s,|\\])]+|DBeaver [0-9.]+(?: - [A-Za-z<>. -]+[A-Za-z>])?|Apache Superset|Microsoft Power BI|Azure Data Studio';

/**
 * What one escape can print, as regex source over bytes; every field but the time may be empty in a background process.
 * Names are at most 63 bytes (NAMEDATALEN). The application's is greedy: it is written by the client and may imitate what follows it,
 * so the last fit inside its 63 bytes is the true one. Seconds since the epoch have ten digits, and eight in hexadecimal: with fewer allowed,
 * another entry would seem to begin at the second digit of a long line's own.
 */
export const FIELD_SOURCE: Readonly<Record<PrefixField, string>> = {
  t: SECONDS + ZONE,
  m: String.raw`${SECONDS}[.,]\d{3}${ZONE}`,
  n: String.raw`\d{10}\.\d{3}`,
  s: `(?:${SECONDS}${ZONE})?`,
  p: String.raw`\d{1,10}`,
  c: String.raw`[0-9a-f]{8}\.[0-9a-f]{1,8}`,
  u: LAZY_NAME,
  d: LAZY_NAME,
  a: '(?:[^\\n ](?:[^\\n]{0,61}[^\\n ])?)?',
  h: `(?:${HOST})`,
  r: String.raw`(?:\[local\]|[^\s()]{1,255}?\(\d+\)|)`,
  e: '[0-9A-Z]{5}',
  b: `(?:(?:${BACKEND_TYPE_SOURCE})(?![A-Za-z])|[A-Za-z0-9_ ./:-]{0,64}?)`,
  x: String.raw`\d{0,20}`,
  v: String.raw`(?:-?\d+/\d+)?`,
  l: String.raw`\d{1,20}`,
  i: `(?:(?:${COMMAND_TAG_SOURCE})(?: waiting)?(?![A-Za-z])|[A-Za-z0-9_ ()/-]{0,64}?)`,
  P: String.raw`\d{0,10}`,
  Q: String.raw`-?\d{0,20}`,
  L: `(?:${HOST})`,
};

export function isPrefixField(escape: string): escape is PrefixField {
  return Object.hasOwn(FIELD_SOURCE, escape);
}

/** A name without the punctuation that prefixes are made of: what nearly every user, database, host and most applications are called. */
export const TIDY_NAME_SOURCE = tidyName('"/');

const TIDY_HOST = String.raw`(?:\[local\]|\[none\]|[A-Za-z0-9_.:%-]{0,255}?)`;

/** The same for names: a first reading with these is quicker and can't be led astray; where it fails, FIELD_SOURCE reads anything. */
export const TIDY_SOURCE: Readonly<Record<PrefixField, string>> = {
  ...FIELD_SOURCE,
  u: TIDY_NAME_SOURCE,
  d: TIDY_NAME_SOURCE,
  // `bin/rails`, `app/web.1`
  a: `(?:(?:${APPLICATION_SOURCE})|${tidyName('"')})`,
  h: TIDY_HOST,
  L: TIDY_HOST,
  r: String.raw`(?:\[local\]|[A-Za-z0-9_.:%-]{1,255}?\(\d+\)|)`,
};

function tidyName(without: string): string {
  return String.raw`(?:\[[^\]\s]{1,24}\]|[^\s,;:|@[\]()=<>${without}]{0,63})`;
}
