import type { LineRef, LineSink } from '../line-reader.ts';
import { MAX_LINE_BYTES } from '../line-reader.ts';
import type { Envelope, Unwrapped } from './envelope.ts';

interface Pieces {
  readonly first: LineRef;
  text: string;
}

/** Takes the envelope off each line and joins the pieces of a line that the runtime cut, stream by stream. */
export class Unwrapper implements LineSink {
  readonly #envelope: Envelope;
  readonly #sink: LineSink;
  readonly #onForeign: (ref: LineRef) => void;
  readonly #pieces = new Map<string, Pieces>();

  constructor(envelope: Envelope, sink: LineSink, onForeign: (ref: LineRef) => void) {
    this.#envelope = envelope;
    this.#sink = sink;
    this.#onForeign = onForeign;
  }

  line(ref: LineRef): void {
    if (ref.from === ref.to) return;
    const unwrapped = this.#envelope.unwrap(ref.text.slice(ref.from, ref.to));
    if (unwrapped === null) this.#onForeign(ref);
    else if (unwrapped.partial || this.#pieces.has(unwrapped.stream)) this.#piece(unwrapped, ref);
    else this.#deliver(unwrapped.text, unwrapped.stamp, ref, ref.byteEnd);
  }

  #piece(unwrapped: Unwrapped, ref: LineRef): void {
    const pieces = this.#pieces.get(unwrapped.stream) ?? { first: { ...ref, text: '' }, text: '' };
    if (pieces.text.length < MAX_LINE_BYTES) pieces.text += unwrapped.text;
    if (unwrapped.partial) {
      this.#pieces.set(unwrapped.stream, pieces);
      return;
    }
    this.#pieces.delete(unwrapped.stream);
    this.#deliver(pieces.text, unwrapped.stamp, pieces.first, ref.byteEnd);
  }

  #deliver(text: string, stamp: LineRef['stamp'], at: LineRef, byteEnd: number): void {
    // What was logged as one message may hold several lines (journald keeps them together).
    for (const part of text.split('\n')) {
      this.#sink.line({ text: part, from: 0, to: part.length, byteStart: at.byteStart, byteEnd, line: at.line, stamp });
    }
  }
}
