/** The first two characters of every SQLSTATE that Postgres can raise (its errcodes appendix). */
const CLASSES: ReadonlySet<string> = new Set(
  (
    '01 02 03 08 09 0A 0B 0F 0L 0P 0Z 10 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 44 ' +
    '53 54 55 57 58 72 F0 HV P0 XX'
  ).split(' '),
);

/** True for five characters of a class that Postgres has. Expects upper case. */
export function isSqlstate(text: string): boolean {
  return /^[0-9A-Z]{5}$/.test(text) && CLASSES.has(text.slice(0, 2));
}
