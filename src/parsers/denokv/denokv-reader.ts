import type { DenokvErrorEvent, DenokvNoteEvent, DenokvNoteTopic, Instant, Operation, Severity } from '../../domain.ts';
import { parseRfc3339 } from '../../time/rfc3339.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { readStartup } from './startup.ts';
import { unwrapError } from './unwrap.ts';
import { WriteFailures } from './write-failures.ts';

/** env_logger's header: time (absent in some builds), level, target. */
const HEADER_SOURCE = String.raw`\[(?:(\d{4}-\d\d-\d\dT[0-9:.]+Z) )?(ERROR|WARN|INFO|DEBUG|TRACE) +([^\]\s]+)\] ?`;
const HEADER = new RegExp(HEADER_SOURCE, 'y');
/** Whether a line begins something that denokv says, coloured or not. */
export const DENOKV_LINE = new RegExp(String.raw`^(?:\x1b\[[0-9;]*m)*(?:${HEADER_SOURCE}|\[\x1b|\[denokv/[a-z]+\] )`);
const BACKGROUND = /\[denokv\/[a-z]+\] /y;
const PANIC = /thread '[^']*'(?: \(\d+\))? panicked at /y;
const COLOUR = /\x1b\[[0-9;]*m/g;
const ESC = '\x1b';
/** env_logger indents the further lines of a message by four blanks. */
const INDENT = /^ {1,4}/;
const MAX_MESSAGE_CHARS = 64 * 1024;
const PAIR_SPAN_BYTES = 256 * 1024;

const LEVEL_SEVERITY: Readonly<Record<string, Severity>> = { ERROR: 'ERROR', WARN: 'WARNING', INFO: 'INFO', DEBUG: 'DEBUG', TRACE: 'DEBUG' };

/** How each generation of denokv words the one line that every logged 500 has; where only one operation prints it, it says which. */
const SYMPTOMS: readonly { readonly text: string; readonly operation: Operation | null }[] = [
  { text: 'Database error: ', operation: null },
  { text: 'Failed to read from the database: ', operation: 'snapshot_read' },
  { text: 'Failed to write to database: ', operation: 'atomic_write' },
];
const WRITE_FAILED = 'atomic_write failed: ';

type RecordKind = 'message' | 'background' | 'panic';

interface OpenRecord {
  readonly kind: RecordKind;
  readonly severity: Severity | null;
  readonly target: string;
  readonly at: Instant | null;
  readonly line: number;
  readonly byteStart: number;
  text: string;
  lines: number;
  byteEnd: number;
  dirty: boolean;
  operation: Operation | null;
}

/** Reads what denokv writes to stderr: env_logger messages, the background tasks' bare lines, panics. */
export class DenokvReader implements FormatReader {
  readonly linePrefix = null;
  readonly #context: ReaderContext;
  readonly #writeFailures = new WriteFailures();
  #record: OpenRecord | null = null;
  #lastAt: Instant | null = null;
  #skipping = false;
  #searchedText = '';
  #textIsColoured = false;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  get openSince(): number | null {
    const pending = this.#writeFailures.oldestByteStart;
    const open = this.#record?.byteStart ?? null;
    return pending === null ? open : open === null ? pending : Math.min(pending, open);
  }

  line(ref: LineRef): void {
    const plain = this.#isColoured(ref) ? uncoloured(ref) : ref;
    if (this.#header(plain) || this.#bare(plain, BACKGROUND, 'background') || this.#bare(plain, PANIC, 'panic')) return;
    if (this.#record !== null) this.#extend(this.#record, plain);
    else if (!this.#skipping && plain.to > plain.from) this.#context.countUnrecognised(ref);
  }

  flush(): void {
    // The first line of a pair waits for its twin, so it is read only when it is surely whole.
    if (this.#record?.dirty === true && !this.#record.text.startsWith(WRITE_FAILED)) this.#emit(this.#record);
  }

  end(): void {
    this.flush();
  }

  /** Many lines share one text, and colour is an all-or-nothing setting: the text is searched once, not once a line. */
  #isColoured(ref: LineRef): boolean {
    if (ref.text !== this.#searchedText) {
      this.#searchedText = ref.text;
      this.#textIsColoured = ref.text.includes(ESC);
    }
    return this.#textIsColoured;
  }

  #header(ref: LineRef): boolean {
    HEADER.lastIndex = ref.from;
    const match = HEADER.exec(ref.text);
    if (match === null || HEADER.lastIndex > ref.to) return false;
    const bodyFrom = HEADER.lastIndex;
    this.#close();
    this.#writeFailures.forgetBefore(ref.byteStart - PAIR_SPAN_BYTES);
    const level = match[2] ?? '';
    if (match[1] !== undefined) this.#lastAt = parseRfc3339(match[1]);
    if (level === 'DEBUG' || level === 'TRACE') {
      this.#context.countStatement();
      if (!this.#context.keepStatements) {
        this.#skipping = true;
        return true;
      }
    }
    const at = finerOf(match[1] === undefined ? null : this.#lastAt, ref.stamp);
    this.#open('message', LEVEL_SEVERITY[level] ?? null, match[3] ?? '', at, bodyFrom, ref);
    return true;
  }

  #bare(ref: LineRef, pattern: RegExp, kind: RecordKind): boolean {
    pattern.lastIndex = ref.from;
    if (!pattern.test(ref.text) || pattern.lastIndex > ref.to) return false;
    this.#close();
    // These lines carry no time of their own: the last one seen is the nearest that can be known.
    const at = ref.stamp ?? (this.#lastAt === null ? null : { ...this.#lastAt, zone: 'inferred' as const });
    this.#open(kind, null, '', at, kind === 'background' ? pattern.lastIndex : ref.from, ref);
    return true;
  }

  #open(kind: RecordKind, severity: Severity | null, target: string, at: Instant | null, bodyFrom: number, ref: LineRef): void {
    this.#skipping = false;
    const text = decodeUtf8(ref.text.slice(bodyFrom, ref.to));
    this.#record = { kind, severity, target, at, line: ref.line, byteStart: ref.byteStart, text, lines: 1, byteEnd: ref.byteEnd, dirty: true, operation: null };
  }

  #extend(record: OpenRecord, ref: LineRef): void {
    // A blank line comes before a panic and belongs to nothing.
    if (ref.from === ref.to && record.kind !== 'panic') return;
    const text = decodeUtf8(ref.text.slice(ref.from, ref.to));
    if (record.text.length < MAX_MESSAGE_CHARS) record.text += `\n${record.kind === 'message' ? text.replace(INDENT, '') : text}`;
    record.lines++;
    record.byteEnd = ref.byteEnd;
    record.dirty = true;
  }

  #close(): void {
    const record = this.#record;
    this.#record = null;
    if (record?.dirty === true) this.#emit(record);
  }

  #emit(record: OpenRecord): void {
    record.dirty = false;
    if (record.kind === 'message' && record.target === 'denokv' && record.severity === 'ERROR') {
      if (record.text.startsWith(WRITE_FAILED)) {
        this.#writeFailures.add(record.text.slice(WRITE_FAILED.length), record.byteStart);
        return;
      }
      const symptom = SYMPTOMS.find(({ text }) => record.text.startsWith(text));
      if (symptom !== undefined) {
        this.#context.emit(this.#errorEvent(record, record.text.slice(symptom.text.length), symptom.operation));
        return;
      }
    }
    this.#context.emit(this.#noteEvent(record));
  }

  #errorEvent(record: OpenRecord, text: string, operation: Operation | null): DenokvErrorEvent {
    // A record that grew is handed out twice, but it can use up its twin only once.
    if (record.operation !== 'atomic_write') record.operation = operation ?? (this.#writeFailures.take(text) ? 'atomic_write' : 'snapshot_read');
    return { kind: 'denokv_error', at: record.at, citation: this.#cite(record), format: 'denokv', text, ...unwrapError(text), operation: record.operation };
  }

  #noteEvent(record: OpenRecord): DenokvNoteEvent {
    const startup = readStartup(record.text);
    const { topic, body } = topicOf(record);
    return {
      kind: 'denokv_note',
      at: record.at,
      citation: this.#cite(record),
      format: 'denokv',
      topic: startup === null ? topic : 'startup',
      severity: record.severity,
      text: startup?.text ?? record.text,
      body: body === null ? null : unwrapError(body).body,
      identity: startup?.identity ?? null,
    };
  }

  #cite(record: OpenRecord): DenokvNoteEvent['citation'] {
    return this.#context.cite(record.line, record.lines, record.byteStart, record.byteEnd);
  }
}

/** What a note is about, and the error inside it if it holds one. */
function topicOf(record: OpenRecord): { topic: DenokvNoteTopic; body: string | null } {
  const { text } = record;
  if (record.kind === 'panic') return { topic: 'panic', body: null };
  if (record.kind === 'background') {
    const error = /^[a-z_]+ error: ([^]*)$/.exec(text);
    return error === null ? { topic: 'background', body: null } : { topic: 'background_error', body: error[1] ?? '' };
  }
  if (text.startsWith('Listening on ')) return { topic: 'listening', body: null };
  if (text.startsWith('Connection error: ')) return { topic: 'connection_error', body: text.slice('Connection error: '.length) };
  if (record.target === 'tokio_postgres::connection') return { topic: 'connection_notice', body: null };
  return { topic: 'other', body: null };
}

/** An envelope stamps in microseconds what env_logger stamps in whole seconds; it is trusted only where the two agree. */
function finerOf(printed: Instant | null, stamp: Instant | null): Instant | null {
  if (printed === null || stamp === null) return printed ?? stamp;
  const lagUs = stamp.us - printed.us;
  return printed.precision === 'second' && lagUs >= 0 && lagUs < 2_000_000 ? stamp : printed;
}

function uncoloured(ref: LineRef): LineRef {
  const text = ref.text.slice(ref.from, ref.to).replaceAll(COLOUR, '');
  return { ...ref, text, from: 0, to: text.length };
}
