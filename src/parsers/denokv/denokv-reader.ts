import type { DenokvErrorEvent, DenokvNoteEvent, Instant, Severity } from '../../domain.ts';
import { parseRfc3339 } from '../../time/rfc3339.ts';
import { assertNever } from '../../errors.ts';
import { Memo } from '../../memo.ts';
import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { redactSecrets } from '../redact.ts';
import { BACKGROUND, PANIC, readHeader, TORN_HEADER, withoutColour } from './denokv-line.ts';
import { readErrorLine, WRITE_FAILED, type ErrorLine } from './error-lines.ts';
import { extendRecord, type OpenRecord, type RecordKind } from './open-record.ts';
import { readStartup } from './startup.ts';
import { isTellingTraffic, topicOf } from './topics.ts';
import { unwrapError } from './unwrap.ts';
import { WriteFailures } from './write-failures.ts';

const ESC = '\x1b';
const PAIR_SPAN_BYTES = 256 * 1024;
/** A line as long as a line end longer than its text stands in a file as it is; a wrapped one does not. */
const MAX_LINE_END_BYTES = 2;

const LEVEL_SEVERITY: Readonly<Record<string, Severity>> = {
  ERROR: 'ERROR',
  WARN: 'WARNING',
  INFO: 'INFO',
  DEBUG: 'DEBUG',
  TRACE: 'DEBUG',
};

/** Reads what denokv writes to stderr: env_logger messages, the background tasks' bare lines, panics. */
export class DenokvReader implements FormatReader {
  readonly linePrefix = null;
  readonly #context: ReaderContext;
  readonly #writeFailures = new WriteFailures();
  /** A storm says the same few things thousands of times. */
  readonly #errorLines = new Memo<ErrorLine>({ maxEntries: 1024 });
  #record: OpenRecord | null = null;
  #lastAt: Instant | null = null;
  /** As printed. */
  #lastTime = '';
  #resumeFrom: number | null = null;
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

  /** Background lines and panics have no time of their own: they take the one of the line before them. */
  get resumeFrom(): number | null {
    return this.#resumeFrom;
  }

  line(ref: LineRef): void {
    const plain = this.#isColoured(ref) ? uncoloured(ref) : ref;
    if (this.#header(plain) || this.#bare(plain, BACKGROUND, 'background')) return;
    if (this.#torn(plain) || this.#bare(plain, PANIC, 'panic')) return;
    this.#goOn(plain, ref);
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
    const header = readHeader(ref.text, ref.from, ref.to);
    if (header === null) return false;
    const { time, level, target, bodyFrom } = header;
    this.#close();
    this.#writeFailures.forgetBefore(ref.byteStart - PAIR_SPAN_BYTES);
    if (time !== null) {
      // Neighbours mostly share a printed time.
      if (time !== this.#lastTime) this.#lastAt = parseRfc3339(time);
      this.#lastTime = time;
      // A second line of a pair that is read without its first would pass for a read's.
      if (this.#writeFailures.oldestByteStart === null) this.#resumeFrom = ref.byteStart;
    }
    if ((level === 'DEBUG' || level === 'TRACE') && !isTellingTraffic(ref.text.slice(bodyFrom, ref.to))) {
      this.#context.countStatement();
      this.#skipping = !this.#context.keepStatements;
      if (this.#skipping) return true;
    }
    const at = finerOf(time === null ? null : this.#lastAt, ref.stamp);
    this.#open('message', LEVEL_SEVERITY[level] ?? null, target, at, bodyFrom, ref);
    return true;
  }

  #bare(ref: LineRef, pattern: RegExp, kind: RecordKind): boolean {
    pattern.lastIndex = ref.from;
    if (!pattern.test(ref.text) || pattern.lastIndex > ref.to) return false;
    const bodyFrom = kind === 'background' ? pattern.lastIndex : ref.from;
    this.#close();
    this.#open(kind, null, '', this.#bareTime(ref.stamp), bodyFrom, ref);
    return true;
  }

  /** The last time seen is the nearest that can be known, unless the wrapping knows one and its zone. */
  #bareTime(stamp: Instant | null): Instant | null {
    if (stamp !== null && (stamp.zone === 'read' || this.#lastAt === null)) return stamp;
    return this.#lastAt === null ? null : { ...this.#lastAt, zone: 'inferred' };
  }

  /** The logger's line stands behind a piece of a panic: both are kept. */
  #torn(ref: LineRef): boolean {
    if (ref.text.charAt(ref.from) === ' ' || ref.from === ref.to) return false;
    const line = ref.text.slice(ref.from, ref.to);
    const at = TORN_HEADER.exec(line)?.index;
    if (at === undefined) return false;
    const inFile = ref.byteEnd - ref.byteStart - (ref.to - ref.from) <= MAX_LINE_END_BYTES;
    const tail = { ...ref, from: ref.from + at, byteStart: ref.byteStart + (inFile ? at : 0) };
    const head = { ...ref, to: ref.from + at };
    if (!this.#bare(head, PANIC, 'panic')) this.#goOn(head, head);
    return this.#header(tail);
  }

  #goOn(ref: LineRef, original: LineRef): void {
    const record = this.#record;
    if (record !== null && extendRecord(record, ref)) return;
    if (ref.from === ref.to) return;
    // Of a message that was passed over; in a wrapping its indent may have been trimmed.
    if (this.#skipping && (ref.text.charAt(ref.from) === ' ' || ref.stamp !== null)) return;
    this.#context.countUnrecognised(original);
  }

  #open(
    kind: RecordKind,
    severity: Severity | null,
    target: string,
    at: Instant | null,
    bodyFrom: number,
    ref: LineRef,
  ): void {
    this.#skipping = false;
    const text = decodeUtf8(ref.text.slice(bodyFrom, ref.to));
    const { line, byteStart, byteEnd } = ref;
    const extent = { line, lastLine: line, byteStart, byteEnd };
    const state = { dirty: true, operation: null, unindented: false, closed: false };
    this.#record = { kind, severity, target, at, text, ...extent, ...state };
  }

  #close(): void {
    const record = this.#record;
    this.#record = null;
    if (record?.dirty === true) this.#emit(record);
  }

  #emit(record: OpenRecord): void {
    record.dirty = false;
    if (
      record.kind === 'message' &&
      record.severity === 'ERROR' &&
      (record.target === 'denokv' || record.target === '')
    ) {
      const line = this.#errorLines.get(record.text, readErrorLine);
      switch (line.kind) {
        case 'write_failed':
          this.#writeFailures.add(line.error, record.byteStart);
          return;
        case 'symptom':
          this.#context.emit(this.#errorEvent(record, line));
          return;
        case 'other':
          break;
        default:
          assertNever(line);
      }
    }
    this.#context.emit(this.#noteEvent(record));
  }

  #errorEvent(record: OpenRecord, line: ErrorLine & { readonly kind: 'symptom' }): DenokvErrorEvent {
    const { error, operation, text, body, connecting } = line;
    // A record that grew is handed out twice, but it can use up its twin only once.
    if (operation !== 'by_pair') record.operation = operation;
    else if (record.operation !== 'atomic_write') {
      record.operation = this.#writeFailures.take(error) ? 'atomic_write' : 'snapshot_read';
    }
    // One literal, no spread: property by property costs more than all the rest of a line.
    return {
      kind: 'denokv_error',
      at: record.at,
      citation: this.#cite(record),
      format: 'denokv',
      text,
      body,
      connecting,
      operation: record.operation,
    };
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
      text: startup?.text ?? redactSecrets(record.text),
      body: body === null ? null : unwrapError(redactSecrets(body)).body,
      identity: startup?.identity ?? null,
    };
  }

  #cite(record: OpenRecord): DenokvNoteEvent['citation'] {
    return this.#context.cite(record.line, record.lastLine - record.line + 1, record.byteStart, record.byteEnd);
  }
}

/** An envelope stamps in microseconds what env_logger stamps in whole seconds; it is trusted only where the two agree. */
function finerOf(printed: Instant | null, stamp: Instant | null): Instant | null {
  if (printed === null || stamp === null) return printed ?? stamp;
  if (printed.precision !== 'second' || stamp.precision === 'second' || stamp.zone !== 'read') return printed;
  const lagUs = stamp.us - printed.us;
  return lagUs >= 0 && lagUs < 2_000_000 ? stamp : printed;
}

function uncoloured(ref: LineRef): LineRef {
  const text = withoutColour(ref.text.slice(ref.from, ref.to));
  return { ...ref, text, from: 0, to: text.length };
}
