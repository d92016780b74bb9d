import type { Chunk, Detection, LogEvent, ParseCounts } from '../domain.ts';
import type { ZoneResolver } from '../time/zone.ts';
import { detect, type Detected, type DetectionHints } from './detect.ts';
import { Unwrapper } from './envelopes/unwrapper.ts';
import type { FormatReader, ReaderContext } from './format-reader.ts';
import { decodeUtf8 } from './latin1.ts';
import { LineReader, type LineRef, type LineSink } from './line-reader.ts';

export interface LogParserOptions {
  readonly fileId: number;
  /** The path's last part, for citations. */
  readonly file: string;
  readonly hints: DetectionHints;
  readonly zones: ZoneResolver;
  readonly keepStatements: boolean;
  /** Lines of the file before the first byte that will be pushed: not 0 when reading goes on after a restart. */
  readonly linesBefore: number;
}

/** So much of a log is looked at before its form is decided; a shorter one is decided when it pauses or ends. */
const SAMPLE_BYTES = 64 * 1024;
/** A log whose form stays unknown past this is given up: holding more of it helps nobody. */
const MAX_UNDECIDED_BYTES = 1 << 20;
const EXAMPLE_CHARS = 200;

/** Turns the bytes of one log, cut anywhere, into events in the order in which they stand in the file. Needs no clock, file or database. */
export class LogParser {
  readonly #options: LogParserOptions;
  readonly #lines: LineReader;
  #undecided: Chunk[] = [];
  #undecidedBytes = 0;
  #detected: Detected | null = null;
  #reader: FormatReader | null = null;
  #sink: LineSink;
  #ready: LogEvent[] = [];
  #events = 0;
  #statements = 0;
  #unrecognised = 0;
  #example: string | null = null;
  #givenUp = false;

  constructor(options: LogParserOptions) {
    this.#options = options;
    this.#sink = { line: (ref) => { this.#countUnrecognised(ref); } };
    this.#lines = new LineReader({ line: (ref) => { this.#sink.line(ref); } }, options.linesBefore);
  }

  /** What the log was found to be; null as long as nothing fits. */
  get detection(): Detection | null {
    const detection = this.#detected?.detection ?? null;
    if (detection === null || this.#reader?.linePrefix == null) return detection;
    return { ...detection, linePrefix: this.#reader.linePrefix };
  }

  /** Recognised, but of a form that is not read yet. */
  get recognisedOnly(): boolean {
    return this.#detected !== null && this.#detected.createReader === null;
  }

  get counts(): ParseCounts {
    return {
      lines: this.#lines.lineCount,
      events: this.#events,
      statements: this.#statements,
      unrecognised: this.#unrecognised,
      truncated: this.#lines.truncatedLines,
      example: this.#example,
    };
  }

  /** Reading again from here loses nothing: the start of the oldest record that may still grow. */
  get safeOffset(): number {
    if (this.#detected === null && !this.#givenUp) return this.#undecided[0]?.byteStart ?? this.#lines.heldFrom;
    const open = this.#reader?.openSince ?? null;
    return open === null ? this.#lines.heldFrom : Math.min(open, this.#lines.heldFrom);
  }

  push(chunk: Chunk): LogEvent[] {
    if (this.#detected !== null || this.#givenUp) {
      this.#lines.push(chunk);
      return this.#takeOrdered();
    }
    // A tailer reuses its buffer, and these bytes are needed again.
    this.#undecided.push({ ...chunk, bytes: Buffer.from(chunk.bytes) });
    this.#undecidedBytes += chunk.bytes.length;
    if (this.#undecidedBytes >= SAMPLE_BYTES) this.#decide();
    return this.#takeOrdered();
  }

  /** The log pauses: hands out what is whole so far. A record that grows later is handed out again, fuller, at the same place. */
  flush(): LogEvent[] {
    if (this.#detected === null && !this.#givenUp) this.#decide();
    this.#reader?.flush();
    return this.#takeAll();
  }

  /** The log has ended: its unfinished last line is a line. */
  end(): LogEvent[] {
    if (this.#detected === null && !this.#givenUp) this.#decide();
    if (this.#detected === null) this.#giveUp();
    this.#lines.end();
    this.#reader?.end();
    return this.#takeAll();
  }

  #decide(): void {
    const sample = Buffer.concat(this.#undecided.map((chunk) => chunk.bytes)).toString('latin1', 0, 4 * SAMPLE_BYTES);
    this.#detected = detect(sample.split(/\r?\n/), this.#options.hints);
    if (this.#detected !== null) this.#assemble(this.#detected);
    else if (this.#undecidedBytes >= MAX_UNDECIDED_BYTES) this.#giveUp();
  }

  #giveUp(): void {
    this.#givenUp = true;
    this.#replay();
  }

  #assemble(detected: Detected): void {
    this.#reader = detected.createReader?.(this.#readerContext()) ?? null;
    const sink: LineSink = this.#reader ?? { line: () => undefined };
    this.#sink = detected.envelope === null ? sink : new Unwrapper(detected.envelope, sink, (ref) => { this.#countUnrecognised(ref); });
    this.#replay();
  }

  #replay(): void {
    const chunks = this.#undecided;
    this.#undecided = [];
    for (const chunk of chunks) this.#lines.push(chunk);
  }

  #readerContext(): ReaderContext {
    const { fileId, file, zones, keepStatements } = this.#options;
    return {
      zones,
      keepStatements,
      emit: (event) => {
        this.#events++;
        this.#ready.push(event);
      },
      cite: (line, lines, byteStart, byteEnd) => ({ fileId, file, line, lines, byteStart, byteEnd }),
      countStatement: () => this.#statements++,
      countUnrecognised: (ref) => { this.#countUnrecognised(ref); },
    };
  }

  #countUnrecognised(ref: LineRef): void {
    if (ref.to === ref.from) return;
    this.#unrecognised++;
    this.#example ??= decodeUtf8(ref.text.slice(ref.from, Math.min(ref.to, ref.from + EXAMPLE_CHARS)));
  }

  /** Entries of interleaving backends finish out of order; what begins before the oldest open one is safe to hand out in order. */
  #takeOrdered(): LogEvent[] {
    const open = this.#reader?.openSince ?? Number.POSITIVE_INFINITY;
    const sorted = this.#takeAll();
    const held = sorted.findIndex((event) => event.citation.byteStart >= open);
    if (held < 0) return sorted;
    this.#ready = sorted.splice(held);
    return sorted;
  }

  #takeAll(): LogEvent[] {
    const events = this.#ready;
    this.#ready = [];
    return events.sort((a, b) => a.citation.byteStart - b.citation.byteStart || a.citation.line - b.citation.line);
  }
}
