import type { Citation, Instant, LogFormat, PostgresEvent, PostgresSession, Severity } from '../../domain.ts';
import type { LineRef } from '../line-reader.ts';
import { eventOfEntry } from './entry.ts';
import { EntryTexts } from './entry-texts.ts';
import type { Section } from './labels.ts';
import type { TextMemo } from './text-memo.ts';

/**
 * log_error_verbosity = verbose puts the SQLSTATE before the message of every entry. Only codes of a class that exists: a message may begin
 * with five letters and a colon by itself.
 */
const VERBOSE_SQLSTATE =
  /^((?:0[0-389ABFLPZ]|1[03]|2[0-8BDF]|3[4589BDF]|4[024]|5[3-8]|72|F0|HV|P0|XX)[0-9A-Z]{3}): {1,2}(?! )/;

/** Makes the citation of an entry from its first line and its extent. */
export type Cite = (line: number, lines: number, byteStart: number, byteEnd: number) => Citation;

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
  readonly #texts: EntryTexts;
  #dirty = true;

  /** @param ref the first line, whose message begins at `bodyFrom` */
  constructor(
    severity: Severity,
    session: PostgresSession,
    at: Instant | null,
    ref: LineRef,
    bodyFrom: number,
    memo: TextMemo,
  ) {
    this.severity = severity;
    this.#session = session;
    this.#at = at;
    this.#stamp = ref.stamp;
    this.#line = ref.line;
    this.byteStart = ref.byteStart;
    this.byteEnd = ref.byteEnd;
    this.#texts = new EntryTexts(memo);
    this.#texts.begin('message', ref, bodyFrom);
  }

  beginSection(section: Section, ref: LineRef, bodyFrom: number): void {
    this.#extend(ref);
    this.#texts.begin(section, ref, bodyFrom);
  }

  /** @param bodyFrom behind the tab that Postgres put in front of the line */
  continueLine(ref: LineRef, bodyFrom: number): void {
    this.#extend(ref);
    this.#texts.continue(ref, bodyFrom);
  }

  /** The entry as far as it is known, or null when nothing is new since it was last taken. */
  takeEvent(cite: Cite, format: LogFormat): PostgresEvent | null {
    if (!this.#dirty) return null;
    this.#dirty = false;
    let message = this.#texts.of('message') ?? '';
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
        detail: this.#texts.of('detail'),
        hint: this.#texts.of('hint'),
        context: this.#texts.of('context'),
        statement: this.#texts.of('statement'),
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
}
