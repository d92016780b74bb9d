import type { Instant } from '../../domain.ts';
import { parseCivilSeconds } from '../../time/postgres-time.ts';
import { parseRfc3339 } from '../../time/rfc3339.ts';
import { parseSyslogTime } from '../../time/syslog-time.ts';
import { unwrapped, type Envelope, type EnvelopeContext, type SyslogChunk } from './envelope.ts';

const BSD_STAMP = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const ISO_STAMP = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)`;
/** `journalctl -o short-full` and `with-unit`. */
const FULL_STAMP = String.raw`[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Za-z0-9+:-]{1,6}`;
const UNIX_STAMP = String.raw`\d{10}\.\d{6}`;
const MONOTONIC_STAMP = String.raw`\[ *\d{1,9}\.\d{6}(?: <[^>]*)?\]`;
const STAMP = `(${BSD_STAMP}|${ISO_STAMP}|${FULL_STAMP}|${UNIX_STAMP}|${MONOTONIC_STAMP})`;
const PRIORITY = String.raw`(?:<\d{1,3}>)?`;
/** `Nov 23 05:43:22 host denokv[123]: text`; a local socket's form has no host, Heroku's has none either. */
const HEADER = new RegExp(
  String.raw`^${PRIORITY}${STAMP} (?:([^\s:[\]]+|[0-9a-fA-F:.]+) )?(\([^\s)]+\)|[^\s:[\]]+)(?:\[([^\]\s]*)\])?:(?: |$)`,
);
/**
 * RFC 5424: `<134>1 time host app procid msgid structured-data text`. Its own times only: a BSD one has another shape. rsyslog's text begins with the
 * blank behind the tag that it was sent with: one more than belongs to it, or than denokv's four.
 */
const RFC5424 = new RegExp(
  String.raw`^(?:<\d{1,3}>)?1 (${ISO_STAMP}|-) (\S+) (\S+) (\S+) (?:\S+ )?(?:-|(?:\[(?:[^\]\\"]|\\.|"(?:[^"\\]|\\.)*")*\])+)(?: (?:\xef\xbb\xbf)?(?: (?=[^ ]| {4}[^ ]))?|$)`,
);
/** journalctl pads further lines of a message to the width of the header above. */
const PADDED = /^ +/;
const BLOB = /^\[[\d.]+[KMGT]?B blob data\]$/;
/** rsyslog writes control characters as `#` and three octal digits. */
const ESCAPED = /#(0[0-3][0-7]|177)/g;
const CHUNK = /^(?:\[[A-Z][A-Z0-9_]*\] )?\[(\d{1,10})(?:-(\d{1,6}))?\] /;

interface Header {
  readonly stamp: string;
  readonly service: string;
  readonly stream: string;
  readonly length: number;
}

/** syslog files of every writer, `journalctl` in its readable forms, and Heroku's logplex: time, host and program before each line. */
export const syslog: Envelope = {
  kind: 'syslog',
  marks: /^-- (?:Logs begin at|Journal begins at|Boot |Reboot|No entries|cursor:)|^-- [0-9A-F]{8}/,
  unwrap(line, context) {
    const header = headerOf(line);
    if (header === null) return null;
    const { service, stream } = header;
    const text = unescape(line.slice(header.length));
    // What journalctl shows instead of a message with control characters in it: there is nothing left to read.
    if (BLOB.test(text)) return null;
    const chunk = chunkOf(text);
    const stamp = stampOf(header.stamp, context);
    const body = chunk === null ? text : text.slice(chunk.length);
    return unwrapped(body, stamp, { service, stream, chunk: chunk?.chunk ?? null });
  },
  continuation(line, above) {
    if (headerOf(line) !== null) return null;
    const width = headerOf(above)?.length ?? 0;
    const padding = PADDED.exec(line)?.[0].length ?? 0;
    return unescape(padding >= width ? line.slice(width) : line);
  },
};

function headerOf(line: string): Header | null {
  const modern = RFC5424.exec(line);
  if (modern !== null) {
    return { stamp: modern[1] ?? '', service: modern[3] ?? '', stream: modern[4] ?? '', length: modern[0].length };
  }
  const match = HEADER.exec(line);
  if (match === null) return null;
  const [program = '', writer = ''] = [match[3], match[4]];
  // Heroku's program is always `app`; who it was stands in the brackets.
  const dyno = /^([a-z]+)\.\d+$/.exec(writer);
  return { stamp: match[1] ?? '', service: dyno?.[1] ?? program, stream: writer, length: match[0].length };
}

function chunkOf(text: string): { readonly chunk: SyslogChunk; readonly length: number } | null {
  const match = CHUNK.exec(text);
  if (match === null) return null;
  const [all, first = '', second] = match;
  // One number alone is a message's (split_messages off) or a part's (sequence_numbers off).
  const chunk = second === undefined ? { message: '', part: Number(first) } : { message: first, part: Number(second) };
  return { chunk, length: all.length };
}

function unescape(text: string): string {
  if (!text.includes('#')) return text;
  return text.replace(ESCAPED, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function stampOf(stamp: string, { zones, referenceMs }: EnvelopeContext): Instant | null {
  if (/^[A-Z][a-z]{2} [ \d]\d /.test(stamp)) return parseSyslogTime(stamp, referenceMs, zones);
  if (/^\d{10}\./.test(stamp)) {
    return { us: Number(stamp.replace('.', '')), precision: 'microsecond', zone: 'read' };
  }
  const full = /^[A-Z][a-z]{2} (\S+ [\d:]+)(?:\.(\d+))? (\S+)$/.exec(stamp);
  if (full === null) return parseRfc3339(stamp.replace(',', '.'));
  const seconds = parseCivilSeconds(full[1] ?? '', 0);
  if (Number.isNaN(seconds)) return null;
  const localUs = seconds * 1_000_000 + Number((full[2] ?? '').padEnd(6, '0'));
  const { offsetUs, origin } = zones.resolve(localUs, full[3] ?? '');
  return { us: localUs - offsetUs, precision: full[2] === undefined ? 'second' : 'microsecond', zone: origin };
}
