import type { Chunk, Detection, LogEvent, ParseCounts } from '../domain.ts';
import type { ZoneResolver } from '../time/zone.ts';
import { natureOf, type ContentNature } from './content-nature.ts';
import { detect, type Detected } from './detect.ts';
import type { EnvelopeContext } from './envelopes/envelope.ts';
import type { ReaderContext } from './format-reader.ts';
import type { DetectionHints } from './forms.ts';
import { decodeUtf8 } from './latin1.ts';
import { LineReader, type LineRef } from './line-reader.ts';
import { Misfits } from './misfits.ts';
import { Pipeline } from './pipeline.ts';
import { redactSecrets } from './redact.ts';
import { newestDateMs, wholeLines } from './sample.ts';
import { WholeSeconds } from './whole-seconds.ts';

export interface LogParserOptions {
  readonly fileId: number;
  /** The path's last part, for citations. */
  readonly file: string;
  readonly hints: DetectionHints;
  readonly zones: ZoneResolver;
  readonly keepStatements: boolean;
  /** False: every line is read, none is passed over by a scan; the events are the same. */
  readonly scansNoise?: boolean;
  /** Lines of the file before the first byte that will be pushed: not 0 when reading goes on after a restart. */
  readonly linesBefore: number;
  /** When the log was last written to, ms since the epoch: gives BSD syslog's times their year. Without it the log's own dates do. */
  readonly referenceMs?: number | null;
}

/** So much of a log is looked at before its form is decided; a shorter one is decided when it pauses or ends. */
const SAMPLE_BYTES = 64 * 1024;
const MAX_SAMPLE_BYTES = 4 * SAMPLE_BYTES;
/** A log whose form stays unknown past this is not held any longer; should a form show later on, its lines are read from there. */
const MAX_UNDECIDED_BYTES = 1 << 20;
const EXAMPLE_CHARS = 200;
const HEAD_BYTES = 512;
/** A log that goes on in another form than it began with: so many forms are followed. */
const MAX_PIPELINES = 3;
/** Fewer lines than this prove no new form, but at the end of a log there are no more to wait for. */
const MIN_NEW_BEGINNINGS = 3;
const BOM = '\xef\xbb\xbf';

/** Turns the bytes of one log, cut anywhere, into events in the order in which they stand in the file. Needs no clock, file or database. */
export class LogParser {
  readonly #options: LogParserOptions;
  readonly #lines: LineReader;
  #nextFile: LineReader | null = null;
  #undecided: Chunk[] = [];
  #undecidedBytes = 0;
  #decided = false;
  /** What the lines go through; a line that one does not understand goes to the next. */
  readonly #pipelines: Pipeline[] = [];
  readonly #misfits = new Misfits();
  readonly #wholeSeconds = new WholeSeconds();
  #envelopeContext: EnvelopeContext;
  #nature: ContentNature = 'text';
  #ready: LogEvent[] = [];
  #events = 0;
  #statements = 0;
  #unrecognised = 0;
  #foreign = 0;
  readonly #foreignServices = new Set<string>();
  #example: string | null = null;

  constructor(options: LogParserOptions) {
    this.#options = options;
    this.#envelopeContext = { zones: options.zones, referenceMs: options.referenceMs ?? 0 };
    this.#lines = new LineReader(
      {
        line: (ref) => {
          this.#line(ref);
        },
      },
      options.linesBefore,
    );
  }

  /** What the log was found to be, above all; null as long as nothing fits. */
  get detection(): Detection | null {
    return this.detections[0] ?? null;
  }

  /** All that was found in it: a stream that several programs share holds several logs. */
  get detections(): readonly Detection[] {
    return this.#pipelines.flatMap(({ detections }) => detections);
  }

  get nature(): ContentNature {
    return this.#nature;
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

  /** Lines that the wrapping says are other programs', and some of their names. They are none of the unrecognised. */
  get foreign(): { readonly lines: number; readonly services: readonly string[] } {
    return { lines: this.#foreign, services: [...this.#foreignServices] };
  }

  /** Reading again from here loses nothing: the start of the oldest record that may still grow. */
  get safeOffset(): number {
    if (!this.#decided) return this.#undecided[0]?.byteStart ?? this.#lines.heldFrom;
    return Math.min(this.#lines.heldFrom, ...this.#pipelines.map(({ resumeFrom }) => resumeFrom ?? Infinity));
  }

  push(chunk: Chunk): LogEvent[] {
    if (this.#decided) {
      this.#lines.push(chunk);
      return this.#takeOrdered();
    }
    // A tailer reuses its buffer, and these bytes are needed again.
    this.#undecided.push({ ...chunk, bytes: Buffer.from(chunk.bytes) });
    this.#undecidedBytes += chunk.bytes.length;
    if (this.#undecidedBytes >= SAMPLE_BYTES) this.#decide();
    return this.#takeOrdered();
  }

  /** The last line was cut into pieces by a container's runtime, and goes on in the file that comes after this one. */
  get goesOn(): boolean {
    return this.#pipelines.some(({ awaitsPieces }) => awaitsPieces);
  }

  /** Takes the rest of cut lines from the beginning of the file that comes after this one. Nothing else of it is read. */
  pushNextFile(chunk: Chunk): LogEvent[] {
    const line = (ref: LineRef): void => {
      for (const pipeline of this.#pipelines) pipeline.lineOfNextFile(ref);
    };
    this.#nextFile ??= new LineReader({ line }, 0);
    this.#nextFile.push(chunk);
    // Nothing follows the line's last piece in this file: the entry is whole, and need not be read again.
    if (!this.goesOn) for (const pipeline of this.#pipelines) pipeline.end();
    return this.#takeOrdered();
  }

  /** The log pauses: hands out what is whole so far. A record that grows later is handed out again, fuller, at the same place. */
  flush(): LogEvent[] {
    if (!this.#decided) this.#decide();
    for (const pipeline of this.#pipelines) pipeline.flush();
    return this.#takeAll();
  }

  /** The log has ended: its unfinished last line is a line. */
  end(): LogEvent[] {
    if (!this.#decided) this.#decide();
    if (!this.#decided) this.#replay();
    this.#lines.end();
    for (const pipeline of this.#pipelines) pipeline.end();
    while (!this.#misfits.isEmpty && this.#adoptMisfits(1)) this.#pipelines.at(-1)?.end();
    return this.#takeAll();
  }

  #decide(): void {
    const first = this.#undecided[0];
    if (first === undefined) return;
    const held = Buffer.concat(this.#undecided.map(({ bytes }) => bytes));
    const sample = held.toString('latin1', 0, MAX_SAMPLE_BYTES);
    if (first.byteStart === 0) this.#nature = natureOf(sample.slice(0, HEAD_BYTES));
    this.#envelopeContext = {
      zones: this.#options.zones,
      referenceMs: this.#options.referenceMs ?? newestDateMs(sample),
    };
    const text = first.byteStart === 0 && sample.startsWith(BOM) ? sample.slice(BOM.length) : sample;
    const detected = detect(wholeLines(text), this.#options.hints, this.#envelopeContext);
    if (detected !== null) this.#append(detected);
    if (detected !== null || this.#undecidedBytes >= MAX_UNDECIDED_BYTES) this.#replay();
  }

  #replay(): void {
    this.#decided = true;
    const chunks = this.#undecided;
    this.#undecided = [];
    for (const chunk of chunks) this.#lines.push(chunk);
  }

  #line(ref: LineRef): void {
    if (ref.byteStart === 0 && ref.text.startsWith(BOM, ref.from)) ref.from += BOM.length;
    const [first] = this.#pipelines;
    if (first === undefined) this.#misfit(ref, 0);
    else first.line(ref);
  }

  #append(detected: Detected): void {
    const index = this.#pipelines.length;
    const pipeline = new Pipeline(detected, this.#envelopeContext, this.#readerContext(index), (ref, service) => {
      if (ref.to === ref.from) return;
      this.#foreign++;
      if (service !== '' && this.#foreignServices.size < 5) this.#foreignServices.add(decodeUtf8(service));
    });
    this.#pipelines.push(pipeline);
    const noise =
      this.#options.keepStatements || this.#options.scansNoise === false || index > 0 ? null : pipeline.noiseSink;
    if (noise !== null) this.#lines.passOverNoise(noise, (count) => (this.#statements += count));
  }

  #readerContext(index: number): ReaderContext {
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
      countUnrecognised: (ref) => {
        this.#misfit(ref, index + 1);
      },
    };
  }

  /** A line that the pipelines before `next` did not understand. */
  #misfit(ref: LineRef, next: number): void {
    if (ref.to === ref.from) return;
    const pipeline = this.#pipelines[next];
    // A reader that held lines back gives them up late: the next one has gone past them, and would glue them to what came after.
    if (pipeline !== undefined && ref.byteStart >= pipeline.lastByteStart) {
      pipeline.line(ref);
      return;
    }
    this.#unrecognised++;
    this.#example ??= exampleOf(ref);
    this.#misfits.add(ref);
    if (this.#misfits.isDue && !this.#adoptMisfits(MIN_NEW_BEGINNINGS)) this.#misfits.lookedInVain();
  }

  /** The log may have gone on in another form: its lines are read by a pipeline of their own, beside those that there are. */
  #adoptMisfits(minBeginnings: number): boolean {
    if (this.#pipelines.length >= MAX_PIPELINES) return false;
    const detected = detect(this.#misfits.sample(), this.#options.hints, this.#envelopeContext);
    if (detected === null || !this.#isNews(detected, minBeginnings)) return false;
    const lines = this.#misfits.take();
    this.#unrecognised -= lines.length;
    if (this.#unrecognised === 0) this.#example = null;
    this.#append(detected);
    for (const line of lines) this.#pipelines.at(-1)?.line(line);
    return true;
  }

  #isNews({ envelopes, routes }: Detected, minBeginnings: number): boolean {
    const known = new Set(this.#pipelines.flatMap(({ detections }) => detections.map(({ format }) => format)));
    const isNew = envelopes.length > 0 || routes.some(({ form }) => !known.has(form.detection.format));
    return isNew && routes.some(({ form }) => form.beginnings >= minBeginnings && !form.anonymous);
  }

  /** Entries of interleaving backends finish out of order; what begins before the oldest open one is safe to hand out in order. */
  #takeOrdered(): LogEvent[] {
    const open = Math.min(...this.#pipelines.map(({ openSince }) => openSince ?? Infinity));
    const sorted = this.#takeAll();
    const held = sorted.findIndex((event) => event.citation.byteStart >= open);
    if (held < 0) return sorted;
    this.#ready = sorted.splice(held);
    return sorted;
  }

  #takeAll(): LogEvent[] {
    const events = this.#ready;
    this.#ready = [];
    if (!isInOrder(events)) events.sort(inFileOrder);
    this.#wholeSeconds.judge(events);
    return events;
  }
}

/** Where one backend speaks at a time, entries finish as they began: to see that is quicker than to sort them. */
function isInOrder(events: readonly LogEvent[]): boolean {
  let before = events[0];
  for (const event of events) {
    if (before !== undefined && inFileOrder(before, event) > 0) return false;
    before = event;
  }
  return true;
}

function inFileOrder({ citation: a }: LogEvent, { citation: b }: LogEvent): number {
  return a.byteStart - b.byteStart || a.line - b.line;
}

function exampleOf(ref: LineRef): string {
  // Cut after the secrets are out: half an address no longer shows which part of it is the password.
  const text = decodeUtf8(ref.text.slice(ref.from, Math.min(ref.to, ref.from + 8 * EXAMPLE_CHARS)));
  return redactSecrets(text).slice(0, EXAMPLE_CHARS);
}
