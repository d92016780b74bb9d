import type { Instant, Operation, Severity } from '../../domain.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';

export type RecordKind = 'message' | 'background' | 'panic';

/** Something that denokv says and whose lines are still coming in. */
export interface OpenRecord {
  readonly kind: RecordKind;
  readonly severity: Severity | null;
  readonly target: string;
  readonly at: Instant | null;
  readonly line: number;
  readonly byteStart: number;
  text: string;
  lastLine: number;
  byteEnd: number;
  dirty: boolean;
  operation: Operation | null;
  /** Its last line had no indent: rsyslog trimmed it, or it is a background task's, and the next may have none either. */
  unindented: boolean;
  closed: boolean;
}

const MAX_MESSAGE_CHARS = 64 * 1024;
/** env_logger indents the further lines of a message by four blanks. */
const INDENT = '    ';
/** tokio-postgres' own labels, in case the indent was lost on the way. */
const SECTION = /^(?:DETAIL|HINT): /;
const BACKTRACE_LINE = /^ *\d+: |^ +at |^note: |^stack backtrace:/;
const LAST_NOTE = /^note: (?:run with|Some details are omitted)/;

/** Adds a line to the record if it belongs there; says whether it did. */
export function extendRecord(record: OpenRecord, ref: LineRef): boolean {
  const isBlank = ref.from === ref.to;
  const indented = ref.to - ref.from >= INDENT.length && ref.text.startsWith(INDENT, ref.from);
  if (!(record.kind === 'panic' ? goesOnWithPanic(record, ref) : goesOnWithMessage(record, ref, indented, isBlank)))
    return false;
  const text = decodeUtf8(ref.text.slice(ref.from, ref.to));
  if (record.text.length < MAX_MESSAGE_CHARS) {
    record.text += `\n${indented && record.kind === 'message' ? text.slice(INDENT.length) : text}`;
  }
  if (record.kind === 'panic' && LAST_NOTE.test(text)) record.closed = true;
  record.unindented = !indented;
  // A line that a runtime cut stands where its first piece stood, which may be further up.
  record.lastLine = Math.max(record.lastLine, ref.line);
  record.byteEnd = Math.max(record.byteEnd, ref.byteEnd);
  record.dirty = true;
  return true;
}

function goesOnWithMessage(record: OpenRecord, ref: LineRef, indented: boolean, isBlank: boolean): boolean {
  // A blank line comes before a panic and belongs to nothing.
  if (isBlank) return false;
  if (indented || record.unindented || record.kind === 'background') return true;
  return SECTION.test(ref.text.slice(ref.from, ref.from + 8));
}

/** The message is whatever comes before the backtrace or the note; after that only what they look like. */
function goesOnWithPanic(record: OpenRecord, ref: LineRef): boolean {
  // A blank line comes before a panic: what follows it is another one's.
  if (ref.from === ref.to) record.closed = true;
  if (record.closed) return false;
  if (!/\n(?:stack backtrace:|note: )/.test(record.text)) return true;
  return BACKTRACE_LINE.test(ref.text.slice(ref.from, Math.min(ref.to, ref.from + 200)));
}
