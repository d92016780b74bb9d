import type { Citation, Instant, LogFormat, PostgresEvent, PostgresSession, Severity } from '../../domain.ts';
import type { LineBlock, LineRef } from '../line-reader.ts';
import { eventOfEntry } from './entry.ts';
import { EntryTexts, type TextPart } from './entry-texts.ts';
import type { Section } from './labels.ts';
import type { TextMemo } from './text-memo.ts';

/**
 * log_error_verbosity = verbose puts the SQLSTATE before the message of every entry. Only codes of a class that exists: a message may begin
 * with five letters and a colon by itself.
 */
const VERBOSE_SQLSTATE =
  /^((?:0[0-389ABFLPZ]|1[03]|2[0-8BDF]|3[4589BDF]|4[024]|5[3-8]|72|F0|HV|P0|XX)[0-9A-Z]{3}): {1,2}(?! )/;
const SQLSTATE_CHARS = 5;
const COLON = 58;

/** Makes the citation of an entry from its first line and its extent. */
export type Cite = (line: number, lines: number, byteStart: number, byteEnd: number) => Citation;

type LinePlace = Pick<LineRef, 'line' | 'byteStart' | 'byteEnd'>;

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
  #lines = 1;
  readonly #texts: EntryTexts;
  #dirty = true;

  /** @param place of its first line */
  constructor(severity: Severity, session: PostgresSession, at: Instant | null, place: LinePlace, memo: TextMemo) {
    this.severity = severity;
    this.#session = session;
    this.#at = at;
    this.#line = place.line;
    this.byteStart = place.byteStart;
    this.byteEnd = place.byteEnd;
    this.#texts = new EntryTexts(memo);
  }

  begin(ref: LineRef, bodyFrom: number): void {
    this.#texts.begin('message', ref.text, bodyFrom, ref.to, false);
  }

  beginSection(section: Section, ref: LineRef, bodyFrom: number): void {
    this.extend(1, ref.byteEnd);
    this.#texts.begin(section, ref.text, bodyFrom, ref.to, false);
  }

  /** @param bodyFrom behind the tab that Postgres put in front of the line */
  continueLine(ref: LineRef, bodyFrom: number): void {
    this.extend(1, ref.byteEnd);
    this.#texts.continue(ref.text, ref.from, ref.to, bodyFrom);
  }

  /** A part of which all lines so far are at hand: from the first one's body to the end of the last. */
  addPart(part: TextPart, { text, isAscii }: LineBlock, from: number, to: number): void {
    this.#texts.begin(part, text, from, to, isAscii);
  }

  /** So many lines more have come in. */
  extend(lines: number, byteEnd: number): void {
    this.#lines += lines;
    this.#dirty = true;
    if (byteEnd > this.byteEnd) this.byteEnd = byteEnd;
  }

  /** The entry as far as it is known, or null when nothing is new since it was last taken. */
  takeEvent(cite: Cite, format: LogFormat): PostgresEvent | null {
    if (!this.#dirty) return null;
    this.#dirty = false;
    let message = this.#texts.of('message') ?? '';
    let sqlstate = this.sqlstate;
    const verbose = message.charCodeAt(SQLSTATE_CHARS) === COLON ? VERBOSE_SQLSTATE.exec(message) : null;
    if (verbose !== null) {
      sqlstate = verbose[1] ?? null;
      message = message.slice(verbose[0].length);
    }
    return eventOfEntry(
      {
        session: this.#session,
        at: this.#at,
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
}
