import type { Detection } from '../domain.ts';
import type { Detected } from './detect.ts';
import type { EnvelopeContext } from './envelopes/envelope.ts';
import type { ServiceSink } from './envelopes/service-sink.ts';
import { Unwrapper } from './envelopes/unwrapper.ts';
import type { FormatReader, ReaderContext } from './format-reader.ts';
import type { LineRef, LineSink, NoiseSink } from './line-reader.ts';
import { Router } from './router.ts';

/** The way of a line once a log's form is known: out of its wrappings, to the reader of the program that wrote it. */
export class Pipeline implements LineSink {
  /** Where the newest line began. */
  lastByteStart = 0;
  readonly #entry: LineSink;
  readonly #unwrappers: readonly Unwrapper[];
  readonly #readers: readonly FormatReader[];
  readonly #detections: readonly Detection[];

  constructor(
    detected: Detected,
    envelopeContext: EnvelopeContext,
    context: ReaderContext,
    onForeign: (ref: LineRef, service: string) => void,
  ) {
    const lanes = detected.routes.map((route) => ({ route, reader: route.form.createReader(context) }));
    this.#readers = lanes.map(({ reader }) => reader);
    this.#detections = detected.routes.map(({ form }) => form.detection);
    const onUnwrapped = (ref: LineRef): void => {
      context.countUnrecognised(ref);
    };
    const unwrappers: Unwrapper[] = [];
    let sink: ServiceSink = new Router(lanes, onForeign);
    for (const envelope of detected.envelopes.toReversed()) {
      const unwrapper = new Unwrapper(envelope, envelopeContext, sink, onUnwrapped);
      unwrappers.unshift(unwrapper);
      sink = unwrapper;
    }
    this.#unwrappers = unwrappers;
    const [only] = this.#readers;
    const outermost = sink;
    // A plain log has one reader: no line of it goes a longer way than it must.
    this.#entry =
      unwrappers.length === 0 && only !== undefined
        ? only
        : {
            line: (ref) => {
              outermost.line(ref, '');
            },
          };
  }

  /** What was found, the commonest first. */
  get detections(): readonly Detection[] {
    return this.#detections.map((detection, index) => {
      const linePrefix = this.#readers[index]?.linePrefix ?? detection.linePrefix;
      return linePrefix === detection.linePrefix ? detection : { ...detection, linePrefix };
    });
  }

  get openSince(): number | null {
    return oldestOf([...this.#unwrappers, ...this.#readers].map(({ openSince }) => openSince));
  }

  /** The one reader of a plain log, where it can do without the lines of statement noise; else null. */
  get noiseSink(): NoiseSink | null {
    const [only] = this.#readers;
    return only !== undefined && only === this.#entry && isNoiseSink(only) ? only : null;
  }

  /** Where reading has to begin again so that what follows is understood as it is now. */
  get resumeFrom(): number | null {
    const oldest = oldestOf([this.openSince, ...this.#readers.map(({ resumeFrom }) => resumeFrom ?? null)]);
    return this.#unwrappers.reduceRight((offset, unwrapper) => unwrapper.startOfLine(offset), oldest);
  }

  line(ref: LineRef): void {
    this.lastByteStart = ref.byteStart;
    this.#entry.line(ref);
  }

  /** See Unwrapper: the outermost wrapping is the one that a container's runtime made. */
  get awaitsPieces(): boolean {
    return this.#unwrappers[0]?.awaitsPieces === true;
  }

  lineOfNextFile(ref: LineRef): void {
    this.#unwrappers[0]?.lineOfNextFile(ref);
  }

  flush(): void {
    for (const part of [...this.#unwrappers, ...this.#readers]) part.flush();
  }

  end(): void {
    for (const part of [...this.#unwrappers, ...this.#readers]) part.end();
  }
}

function isNoiseSink(reader: FormatReader): reader is FormatReader & NoiseSink {
  return reader.noiseForm !== undefined && reader.skip !== undefined;
}

function oldestOf(offsets: readonly (number | null)[]): number | null {
  const known = offsets.filter((offset) => offset !== null);
  return known.length === 0 ? null : Math.min(...known);
}
