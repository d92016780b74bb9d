/** One message of a server-sent stream. */
export interface StreamMessage {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** A line of the stream; the longest verdict is far below. */
const MAX_LINE_CHARS = 4 * 2 ** 20;

/** Reads server-sent events (WHATWG HTML, 9.2.6) until the stream ends. Throws what the stream throws, and RangeError for a line without end. */
export async function* readEventStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamMessage> {
  const decoder = new TextDecoder();
  let held = '';
  let id: string | null = null;
  let event = '';
  let data: string[] = [];
  for await (const chunk of stream) {
    held += decoder.decode(chunk, { stream: true });
    const lines = held.split(/\r\n|\n|\r(?!$)/);
    held = lines.pop() ?? '';
    if (held.length > MAX_LINE_CHARS) throw new RangeError('a line of the stream has no end');
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { id, event: event === '' ? 'message' : event, data: data.join('\n') };
        event = '';
        data = [];
        continue;
      }
      const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'id') id = value;
      else if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
  }
}
