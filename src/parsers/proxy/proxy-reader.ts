import type { FormatReader, ReaderContext } from '../format-reader.ts';
import { decodeUtf8 } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { readAccessLine } from './access-forms.ts';
import { operationOf } from './access-line.ts';

/** Reads the access log of a proxy in front of denokv: one response a line, each line by itself. */
export class ProxyReader implements FormatReader {
  readonly linePrefix = null;
  readonly openSince = null;
  readonly #context: ReaderContext;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  line(ref: LineRef): void {
    if (ref.from === ref.to) return;
    const response = readAccessLine(decodeUtf8(ref.text.slice(ref.from, ref.to)), this.#context.zones);
    if (response === null) {
      this.#context.countUnrecognised(ref);
      return;
    }
    this.#context.emit({
      kind: 'proxy_response',
      format: 'proxy',
      citation: this.#context.cite(ref.line, 1, ref.byteStart, ref.byteEnd),
      ...response,
      at: response.at ?? ref.stamp,
      operation: operationOf(response.path),
    });
  }

  flush(): void {
    // Every line is a whole response.
  }

  end(): void {
    this.flush();
  }
}
