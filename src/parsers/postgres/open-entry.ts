import type { Citation, Instant, LogFormat, PostgresEvent, PostgresSession, Severity } from '../../domain.ts';
import type { LineRef } from '../line-reader.ts';
import { eventOfEntry } from './entry.ts';
import type { Section } from './labels.ts';

/** Bound on what one entry may hold; a longer one (a statement of megabytes) keeps its head. */
const MAX_ENTRY_CHARS = 256 * 1024;
/**
 * log_error_verbosity = verbose puts the SQLSTATE before the message of every entry. Only codes of a class that exists: a message may begin
 * with five letters and a colon by itself.
 */
const VERBOSE_SQLSTATE =
  /^((?:0[0-389ABFLPZ]|1[03]|2[0-8BDF]|3[4589BDF]|4[024]|5[3-8]|72|F0|HV|P0|XX)[0-9A-Z]{3}): {1,2}(?! )/;

/** Makes the citation of an entry from its first line and its extent. */
export type Cite = (line: number, lines: number, byteStart: number, byteEnd: number) => Citation;

type Texts = Record<Section | 'message', string | null>;

/** One entry whose lines are still coming in. */
export class OpenEntry {
  readonly severity: Severity;
  readonly byteStart: number;
  /** Where its last line ends, as far as it has come in. */
  byteEnd: number;
  sqlstate: string | null = null;
  /** Its label is a word of no language that is known. */
  isUnknown = false;
  readonly #session: PostgresSession;
  readonly #at: Instant | null;
  readonly #line: number;
  readonly #stamp: Instant | null;
  #lines = 1;
  #section: keyof Texts = 'message';
  readonly #texts: Texts = {
    message: null,
    detail: null,
    hint: null,
    context: null,
    statement: null,
    query: null,
    location: null,
    backtrace: null,
  };
  #chars = 0;
  #dirty = true;

  constructor(severity: Severity, session: PostgresSession, at: Instant | null, message: string, ref: LineRef) {
    this.severity = severity;
    this.#session = session;
    this.#at = at;
    this.#stamp = ref.stamp;
    this.#line = ref.line;
    this.byteStart = ref.byteStart;
    this.byteEnd = ref.byteEnd;
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
    let message = this.#texts.message ?? '';
    let sqlstate = this.sqlstate;
    const verbose = VERBOSE_SQLSTATE.exec(message);
    if (verbose !== null) {
      sqlstate = verbose[1] ?? null;
      message = message.slice(verbose[0].length);
    }
    return eventOfEntry(
      {
        session: this.#session,
        at: this.#at ?? this.#stamp,
        severity: this.severity,
        sqlstate,
        message,
        detail: this.#texts.detail,
        hint: this.#texts.hint,
        context: this.#texts.context,
        statement: this.#texts.statement,
      },
      format,
      cite(this.#line, this.#lines, this.byteStart, this.byteEnd),
    );
  }

  #extend(ref: LineRef): void {
    this.#lines++;
    this.#dirty = true;
    if (ref.byteEnd > this.byteEnd) this.byteEnd = ref.byteEnd;
  }

  #append(text: string, separator: string): void {
    const room = MAX_ENTRY_CHARS - this.#chars;
    if (room <= 0) return;
    const piece = separator + (text.length > room ? text.slice(0, room) : text);
    this.#chars += piece.length;
    const before = this.#texts[this.#section];
    this.#texts[this.#section] = before === null ? piece : before + piece;
  }
}
