/** One event of a text/event-stream. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The id in force, which is an earlier event's where this one has none of its own. */
  readonly id: string | null;
}

/** Longest line that is kept; a longer one is the fault of something that is not our daemon. */
const MAX_LINE = 4 * 1_024 * 1_024;

/** Reads text/event-stream as the HTML standard has it, from text that is cut anywhere. */
export class SseParser {
  #rest = '';
  #type = '';
  #data: string[] = [];
  #id: string | null = null;

  push(text: string): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    const buffered = this.#rest + text;
    // A carriage return at the very end may be half of a line end.
    const lines = buffered.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE) throw new RangeError('an event of the stream is too long');
    for (const line of lines) {
      const event = this.#take(line);
      if (event !== null) events.push(event);
    }
    return events;
  }

  #take(line: string): StreamEvent | null {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #finish(): StreamEvent | null {
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data.join('\n'), id: this.#id };
    const isEmpty = this.#data.length === 0;
    this.#type = '';
    this.#data = [];
    return isEmpty ? null : event;
  }
}
