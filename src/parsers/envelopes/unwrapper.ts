import type { LineRef } from '../line-reader.ts';
import { ChunkJoiner } from './chunk-joiner.ts';
import type { Envelope, EnvelopeContext, SyslogChunk, Unwrapped } from './envelope.ts';
import { PieceJoiner } from './piece-joiner.ts';
import type { ServiceSink } from './service-sink.ts';

/** The wrapped line right above, which a line without a header may belong to. */
interface Above {
  readonly text: string;
  readonly key: string;
  readonly service: string;
  readonly stamp: LineRef['stamp'];
  readonly chunk: SyslogChunk | null;
}

/** Nobody asks for older ones: an entry stays open for 64 KiB at most. */
const MAX_SPLIT = 4096;

/** Takes one envelope off each line, and joins what the wrapping program cut apart. */
export class Unwrapper implements ServiceSink {
  readonly #envelope: Envelope;
  readonly #context: EnvelopeContext;
  readonly #sink: ServiceSink;
  readonly #onForeign: (ref: LineRef) => void;
  readonly #pieces: PieceJoiner;
  readonly #chunks: ChunkJoiner;
  #above: Above | null = null;
  /** Wrapped lines that held several, from the oldest on that may be asked for. */
  #split: { readonly byteStart: number; readonly byteEnd: number }[] = [];

  constructor(envelope: Envelope, context: EnvelopeContext, sink: ServiceSink, onForeign: (ref: LineRef) => void) {
    this.#envelope = envelope;
    this.#context = context;
    this.#sink = sink;
    this.#onForeign = onForeign;
    this.#pieces = new PieceJoiner((text, stamp, at, byteEnd, service) => {
      this.#deliver(text, stamp, at, byteEnd, service);
    });
    this.#chunks = new ChunkJoiner(sink);
  }

  /** Where the oldest message begins of which a part may be missing yet. */
  get openSince(): number | null {
    const [pieces, chunks] = [this.#pieces.openSince, this.#chunks.openSince];
    return pieces === null ? chunks : chunks === null ? pieces : Math.min(pieces, chunks);
  }

  /** Where the wrapped line begins in which this offset, or none, lies: reading can begin again only there. Offsets asked for never go back. */
  startOfLine(byteOffset: number | null): number | null {
    this.#split = byteOffset === null ? [] : this.#split.filter(({ byteEnd }) => byteEnd > byteOffset);
    const split = this.#split.find(({ byteStart }) => byteStart <= (byteOffset ?? 0));
    return split?.byteStart ?? byteOffset;
  }

  line(ref: LineRef, outerService: string): void {
    if (ref.from === ref.to) return;
    const text = ref.text.slice(ref.from, ref.to);
    const unwrapped = this.#envelope.unwrap(text, this.#context);
    if (unwrapped === null) this.#bare(text, ref);
    else this.#take(unwrapped, text, ref, outerService);
  }

  /** The last pieces of a line have not come. */
  get awaitsPieces(): boolean {
    return !this.#pieces.isEmpty;
  }

  /** A line of the file that was begun after this one: only the rest of lines that were cut here is taken from it. */
  lineOfNextFile(ref: LineRef): void {
    const unwrapped = this.#envelope.unwrap(ref.text.slice(ref.from, ref.to), this.#context);
    if (unwrapped !== null) this.#pieces.addFromNextFile(`${unwrapped.service}\0${unwrapped.stream}`, unwrapped);
  }

  flush(): void {
    this.#chunks.flush();
  }

  end(): void {
    this.#pieces.end();
    this.#chunks.end();
  }

  #take(unwrapped: Unwrapped, wrapped: string, ref: LineRef, outerService: string): void {
    const service = unwrapped.service === '' ? outerService : unwrapped.service;
    const { text, chunk } = unwrapped;
    const stamp = unwrapped.stamp ?? ref.stamp;
    const key = `${service}\0${unwrapped.stream}`;
    if (this.#envelope.continuation !== undefined) this.#above = { text: wrapped, key, service, stamp, chunk };
    // Who numbers its messages is a backend that wrote to syslog itself: the tag's pid is its own, and not that of who collects for all.
    if (chunk !== null)
      this.#chunks.add(key, service, chunk, text, { ...ref, stamp, pid: pidOf(unwrapped.stream) ?? ref.pid });
    else if (unwrapped.partial || this.#pieces.awaits(key))
      this.#pieces.add(key, service, { ...unwrapped, stamp }, ref);
    else this.#deliver(text, stamp, ref, ref.byteEnd, service);
  }

  #bare(text: string, ref: LineRef): void {
    if (this.#envelope.marks?.test(text) === true) return;
    const above = this.#above;
    const more = above === null ? null : (this.#envelope.continuation?.(text, above.text) ?? null);
    if (above === null || more === null) {
      this.#onForeign(ref);
    } else if (above.chunk === null || !this.#chunks.extend(above.key, more, { ...ref, stamp: above.stamp })) {
      this.#deliver(more, above.stamp, ref, ref.byteEnd, above.service);
    }
  }

  /**
   * What was logged as one message may hold several lines (journald keeps them together). Each has a place of its own inside the wrapped line, which
   * is never shorter than what it holds: else an index that tells events apart by their first byte would keep one of them.
   */
  #deliver(text: string, stamp: LineRef['stamp'], at: LineRef, byteEnd: number, service: string): void {
    const { line } = at;
    const isSplit = text.includes('\n');
    if (isSplit) {
      if (this.#split.length === MAX_SPLIT) this.#split.splice(0, MAX_SPLIT / 2);
      this.#split.push({ byteStart: at.byteStart, byteEnd });
    }
    let byteStart = at.byteStart;
    for (const part of isSplit ? text.split('\n') : [text]) {
      this.#sink.line({ text: part, from: 0, to: part.length, byteStart, byteEnd, line, stamp, pid: at.pid }, service);
      byteStart += part.length + 1;
    }
  }
}

function pidOf(stream: string): number | null {
  return /^\d{1,10}$/.test(stream) ? Number(stream) : null;
}
