const ISO = String.raw`\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)`;
const BSD = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const MODERN = new RegExp(
  String.raw`^<\d{1,3}>1 (?:${ISO}|-) \S+ (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])+) ?`,
);
const CLASSIC = new RegExp(
  String.raw`^<\d{1,3}>(?:${BSD}|${ISO}) (?:([^\s:[\]]+|[0-9a-fA-F:.]+) )?([^\s:[\]]+)(?:\[[^\]\s]*\])?: ?`,
);
const HAS_PRIORITY = /^<\d{1,3}>/;
const HEAD_CHARS = 1024;
/** What would end a line of a file, or be taken for something else there. */
const ENDS = /[\n\r\0]/g;

/** A syslog message's header: who wrote it, and the header itself with the blank after it. */
export interface SyslogHeader {
  readonly program: string;
  readonly text: string;
}

/** Null where it is none that names a program. `message` is latin1. */
export function readSyslogHeader(message: string): SyslogHeader | null {
  const head = message.slice(0, HEAD_CHARS);
  const modern = MODERN.exec(head);
  if (modern !== null) return { program: modern[1] ?? '', text: modern[0] };
  const classic = CLASSIC.exec(head);
  return classic === null ? null : { program: classic[2] ?? '', text: classic[0] };
}

/** A line that goes on with the message above it has no header of its own. */
export function isContinuation(message: string): boolean {
  return !HAS_PRIORITY.test(message);
}

/** As one line of a file: control characters that would end it as `#` and three octal digits, which is how rsyslog writes them. */
export function toLine(message: string): Buffer {
  const escaped = message
    .replace(/[\r\n]+$/, '')
    .replace(ENDS, (one) => `#${one.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return Buffer.from(`${escaped}\n`, 'latin1');
}
