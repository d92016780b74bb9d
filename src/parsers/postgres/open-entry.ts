import type { Citation, Instant, LogFormat, PostgresEvent, PostgresSession, Severity } from '../../domain.ts';
import type { LineRef } from '../line-reader.ts';
import { eventOfEntry } from './entry.ts';
import type { Section } from './labels.ts';

/** Bound on what one entry may hold; a longer one (a statement of megabytes) keeps its head. */
const MAX_ENTRY_CHARS = 256 * 1024;
/** log_error_verbosity = verbose puts the SQLSTATE before the message of every entry. */
const VERBOSE_SQLSTATE = /^([0-9A-Z]{5}): +/;

/** Makes the citation of an entry from its first line and its extent. */
export type Cite = (line: number, lines: number, byteStart: number, byteEnd: number) => Citation;

/** One entry whose lines are still coming in. */
export class OpenEntry {
  readonly severity: Severity;
  readonly byteStart: number;
  sqlstate: string | null = null;
  readonly #session: PostgresSession;
  readonly #at: Instant | null;
  readonly #line: number;
  readonly #stamp: Instant | null;
  #lines = 1;
  #byteEnd: number;
  #section: Section | 'message' = 'message';
  readonly #text = new Map<Section | 'message', string>();
  #chars = 0;
  #dirty = true;

  constructor(severity: Severity, session: PostgresSession, at: Instant | null, message: string, ref: LineRef) {
    this.severity = severity;
    this.#session = session;
    this.#at = at;
    this.#stamp = ref.stamp;
    this.#line = ref.line;
    this.byteStart = ref.byteStart;
    this.#byteEnd = ref.byteEnd;
    this.#append(message, '');
  }

  beginSection(section: Section, text: string, ref: LineRef): void {
    this.#section = section;
    this.#extend(ref);
    this.#append(text, '');
  }

  /** `text` has already lost the one tab that Postgres put in front of it. */
  continueLine(text: string, ref: LineRef): void {
    this.#extend(ref);
    this.#append(text, '\n');
  }

  /** The entry as far as it is known, or null when nothing is new since it was last taken. */
  takeEvent(cite: Cite, format: LogFormat): PostgresEvent | null {
    if (!this.#dirty) return null;
    this.#dirty = false;
    let message = this.#text.get('message') ?? '';
    let sqlstate = this.sqlstate;
    const verbose = VERBOSE_SQLSTATE.exec(message);
    if (verbose !== null && (this.#text.has('location') || sqlstate === verbose[1] || verbose[1] === '00000')) {
      sqlstate = verbose[1] ?? null;
      message = message.slice(verbose[0].length);
    }
    return eventOfEntry(
      {
        ...this.#session,
        at: this.#at ?? this.#stamp,
        severity: this.severity,
        sqlstate,
        message,
        detail: this.#text.get('detail') ?? null,
        hint: this.#text.get('hint') ?? null,
        context: this.#text.get('context') ?? null,
        statement: this.#text.get('statement') ?? null,
      },
      format,
      cite(this.#line, this.#lines, this.byteStart, this.#byteEnd),
    );
  }

  #extend(ref: LineRef): void {
    this.#lines++;
    this.#dirty = true;
    if (ref.byteEnd > this.#byteEnd) this.#byteEnd = ref.byteEnd;
  }

  #append(text: string, separator: string): void {
    const room = MAX_ENTRY_CHARS - this.#chars;
    if (room <= 0) return;
    const piece = separator + text.slice(0, room);
    this.#chars += piece.length;
    this.#text.set(this.#section, (this.#text.get(this.#section) ?? '') + piece);
  }
}
