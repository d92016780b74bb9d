const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z`;
const LEVEL = 'ERROR|WARN|INFO|DEBUG|TRACE';
/**
 * env_logger's header: time (absent in some builds), level, target (not always a module path, and absent in some builds). Level alone is no
 * header of its: too many programs begin their lines with `[ERROR]`.
 */
const HEADER_SOURCE = String.raw`\[(?:(${TIME}) (${LEVEL})(?: +([^\]\n]{0,200}))?|(${LEVEL}) +([\w:.-]{1,200}))\] ?`;
/** Where the lines of a denokv process come from; other programs of the same logger have modules of their own. */
const KNOWN_TARGET =
  /^(?:denokv|tokio|deadpool|hyper|h2|tower|axum|tracing|rustls|mio|rusqlite|reqwest|aws|want|http|$)/;
const BACKGROUND_SOURCE = String.raw`\[denokv/[a-z]+\] `;
const PANIC_SOURCE = String.raw`thread '[^\n]{0,200}?panicked at `;
const COLOUR = /\x1b\[[0-9;]*m/g;

const HEADER = new RegExp(HEADER_SOURCE, 'y');
/** The background tasks' lines, which go past the logger: no time, no level. */
export const BACKGROUND = new RegExp(BACKGROUND_SOURCE, 'y');
/** Two threads that panic at once write into each other's line, so only the end of the phrase can be relied on. */
export const PANIC = new RegExp(PANIC_SOURCE, 'y');
/** A header in mid-line: a panic is written piece by piece, and the logger's line goes in between. */
export const TORN_HEADER = new RegExp(String.raw`\[${TIME} (?:${LEVEL}) +[^\]\s]+\] `);

export interface DenokvHeader {
  /** RFC 3339, or null in a build that prints none. */
  readonly time: string | null;
  readonly level: string;
  readonly target: string;
  /** Where the message begins. */
  readonly bodyFrom: number;
}

/** The header at `from`, or null when there is none before `to`. */
export function readHeader(text: string, from: number, to: number): DenokvHeader | null {
  HEADER.lastIndex = from;
  const match = HEADER.exec(text);
  if (match === null || HEADER.lastIndex > to) return null;
  const target = (match[3] ?? match[5] ?? '').trim();
  return { time: match[1] ?? null, level: match[2] ?? match[4] ?? '', target, bodyFrom: HEADER.lastIndex };
}

/** Whether a line begins something that a denokv process says, in colour or not. */
export function isDenokvLine(line: string): boolean {
  const plain = withoutColour(line);
  const header = readHeader(plain, 0, plain.length);
  if (header !== null) return KNOWN_TARGET.test(header.target);
  BACKGROUND.lastIndex = 0;
  return BACKGROUND.test(plain);
}

export function withoutColour(line: string): string {
  return line.includes('\x1b') ? line.replaceAll(COLOUR, '') : line;
}
