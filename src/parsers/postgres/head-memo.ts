import type { PostgresSession, TimePrecision } from '../../domain.ts';
import { parseCivilSeconds } from '../../time/postgres-time.ts';
import { flatCopy } from '../latin1.ts';
import { digitsEnd, type EntryPrefix } from './entry-prefix.ts';
import type { LineRef } from '../line-reader.ts';
import { LABELS, type Label } from './labels.ts';
import { mayBeForged, type PrefixMatcher } from './line-prefix.ts';
import type { PrefixField } from './prefix-field.ts';
import type { PrefixReading } from './prefix-book.ts';
import { MAX_DIGITS, numbersBehindFirst, type PrefixNumber } from './prefix-numbers.ts';
import { backendOf, pidOffsetOf, sessionOf, valueOf } from './session-of.ts';

/** What a line's prefix and label say, its time and numbers apart. */
interface Head {
  /** Of the line that was read the long way, its time and numbers with it. */
  readonly reading: PrefixReading;
  readonly backend: string;
  readonly session: PostgresSession;
  readonly sqlstate: string | null;
  /** What the label means; undefined where that is not known. */
  readonly label: Label | undefined;
  /** Where in such a line the pid stands, when that is the same in all of them; else -1. */
  readonly pidOffset: number;
}

/** What a line's time says before its zone is asked for: in the hour that a clock change repeats, that may be done once only. */
export interface KnownTime {
  readonly localUs: number;
  readonly precision: TimePrecision;
  readonly zone: string;
}

/** A line up to its message. */
export interface HeadedLine {
  readonly head: Head;
  readonly backend: string;
  readonly session: PostgresSession;
  /** Null where the head's reading is of this very line and knows. */
  readonly time: KnownTime | null;
  readonly bodyFrom: number;
  /** Where the number of `%l` stands; -1 where that is not known. */
  readonly numberFrom: number;
  readonly numberTo: number;
}

export interface KnownLine extends HeadedLine {
  readonly time: KnownTime;
}

const LABEL_END = ':  ';
/** A server has some dozens of names and labels; where pids or session ids are a part of a head, a few hundred at a time. */
const MAX_HEADS = 2048;
const MAX_HEAD_CHARS = 256;
/** `2026-11-23 05:00:00`, and with milliseconds. */
const SECOND_CHARS = 19;
const MILLISECOND_CHARS = 23;
const BLANK = 32;
/** Fields that are the same from line to line of a backend and hold no colon with two blanks, so that the first such ends the label. */
const STEADY_FIELDS: ReadonlySet<PrefixField> = new Set<PrefixField>(['p', 'c', 'u', 'd', 'a', 'h', 'r', 'e']);
/** In a template whose fields are NULs: a colon that may be a label's, as a name or a word stands before it and blanks may stand behind it. */
const LABEL_LIKE = /(?:^|[\0A-Za-z]):\0* /;

/**
 * Heads of lines that were read before. Where a prefix begins with the time, and its pid and line number are taken out, all the rest of it and the label
 * are the same bytes for many lines: a storm of 110,000 lines has 35 such heads, and 10,000 with the pids. To match them anew, with a name and a
 * number each, takes most of an error's time.
 */
export class HeadMemo {
  readonly #heads = new Map<string, Head>();
  #matcher: PrefixMatcher | null = null;
  #isSteady = false;
  #numbers: readonly PrefixNumber[] = [];
  /** Whether the pid is what tells backends apart, and among the numbers. */
  #isOfPid = false;
  /** The time of the line that was learnt from; '' when nothing was. */
  #time = '';
  #zone = '';
  /** The zone's name, without the blank before it. */
  #label = '';
  /** Where in the line looked at last the numbers stand. */
  #pidFrom = -1;
  #pidTo = -1;
  #numberFrom = -1;
  #numberTo = -1;

  find(text: string, from: number, to: number, matcher: PrefixMatcher | null): KnownLine | null {
    if (this.#time === '' || matcher === null || matcher !== this.#matcher) return null;
    const headFrom = this.#behindNumbers(text, from + this.#time.length);
    if (headFrom < 0) return null;
    const bodyFrom = text.indexOf(LABEL_END, headFrom) + LABEL_END.length;
    if (bodyFrom <= headFrom || bodyFrom > to || bodyFrom - headFrom > MAX_HEAD_CHARS) return null;
    const head = this.#heads.get(text.slice(headFrom, bodyFrom));
    if (head === undefined || mayBeForged(matcher, text, bodyFrom)) return null;
    const time = this.#timeAt(text, from);
    if (time === null) return null;
    const pid = this.#pidFrom < 0 ? null : text.slice(this.#pidFrom, this.#pidTo);
    return {
      head,
      backend: pid !== null && this.#isOfPid ? pid : head.backend,
      session: pid === null ? head.session : withPid(head.session, Number(pid)),
      time,
      bodyFrom,
      numberFrom: this.#numberFrom,
      numberTo: this.#numberTo,
    };
  }

  /** A line was read the long way: the next one like it need not be. */
  learn({ text, from }: LineRef, { matcher, match }: PrefixReading): void {
    if (matcher !== this.#matcher) this.#reset(matcher);
    const time = match.values[0] ?? '';
    if (!this.#isSteady || !match.isTidy || !text.startsWith(time, from)) return;
    if (this.#heads.size >= MAX_HEADS || time.length !== this.#time.length || !time.endsWith(this.#zone)) {
      this.#heads.clear();
      this.#time = flatCopy(time);
      this.#zone = this.#time.slice(this.#time.charCodeAt(SECOND_CHARS) === BLANK ? SECOND_CHARS : MILLISECOND_CHARS);
      this.#label = this.#zone.trim();
    }
    const headFrom = this.#behindNumbers(text, from + time.length);
    const { bodyFrom } = match;
    if (headFrom < 0 || bodyFrom - headFrom > MAX_HEAD_CHARS) return;
    if (text.indexOf(LABEL_END, headFrom) + LABEL_END.length !== bodyFrom) return;
    const values = match.values.map(flatCopy);
    this.#heads.set(
      flatCopy(text.slice(headFrom, bodyFrom)),
      headOf({ matcher, match: { ...match, values } }, text, from),
    );
  }

  #reset(matcher: PrefixMatcher): void {
    this.#matcher = matcher;
    this.#numbers = numbersBehindFirst(matcher.tokens);
    this.#isOfPid = matcher.indexes.c === undefined;
    this.#isSteady = isSteady(matcher, this.#numbers.length);
    this.#heads.clear();
    this.#time = '';
    this.#zone = '';
  }

  /** Where what stands behind the numbers begins, and sees where they are; -1 for a line that has others. */
  #behindNumbers(text: string, from: number): number {
    this.#pidFrom = this.#pidTo = this.#numberFrom = this.#numberTo = -1;
    let at = from;
    for (const { field, lead } of this.#numbers) {
      const digitsFrom = at + lead.length;
      if (text.slice(at, digitsFrom) !== lead) return -1;
      at = digitsEnd(text, digitsFrom);
      if (at === digitsFrom || at - digitsFrom > MAX_DIGITS[field]) return -1;
      if (field === 'l') {
        this.#numberFrom = digitsFrom;
        this.#numberTo = at;
      } else if (this.#pidFrom < 0) {
        this.#pidFrom = digitsFrom;
        this.#pidTo = at;
      }
    }
    return at;
  }

  /** A time that is punctuated and zoned as the known one is; null when there is none. */
  #timeAt(text: string, from: number): KnownTime | null {
    const zoneFrom = this.#time.length - this.#zone.length;
    if (text.charCodeAt(from + 10) !== BLANK || !text.startsWith(this.#zone, from + zoneFrom)) return null;
    const localUs = parseCivilSeconds(text, from) * 1_000_000;
    if (Number.isNaN(localUs)) return null;
    const zone = this.#label;
    if (zoneFrom === SECOND_CHARS) return { localUs, precision: 'second', zone };
    if (text.charCodeAt(from + SECOND_CHARS) !== this.#time.charCodeAt(SECOND_CHARS)) return null;
    let millis = 0;
    for (let at = from + SECOND_CHARS + 1; at < from + MILLISECOND_CHARS; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) return null;
      millis = millis * 10 + digit;
    }
    return { localUs: localUs + millis * 1000, precision: 'millisecond', zone };
  }
}

/** A line that was read the long way. */
export function headedBy(reading: PrefixReading, text: string, from: number): HeadedLine {
  const head = headOf(reading, text, from);
  const { backend, session } = head;
  return { head, backend, session, time: null, bodyFrom: reading.match.bodyFrom, numberFrom: -1, numberTo: -1 };
}

function headOf(reading: PrefixReading, text: string, from: number): Head {
  return {
    reading,
    backend: backendOf(reading),
    session: sessionOf(reading),
    sqlstate: valueOf(reading, 'e') || null,
    label: LABELS.get(reading.match.label),
    pidOffset: pidOffsetOf(reading, text, from),
  };
}

function withPid(session: PostgresSession, pid: number): PostgresSession {
  const { user, database, application, client, backendType } = session;
  return { pid, session: session.session, user, database, application, client, backendType };
}

/** Whether the bytes between time and message, without the numbers, say all by themselves, whatever the message is. */
function isSteady({ tokens }: PrefixMatcher, numbers: number): boolean {
  const [time] = tokens;
  if (time?.kind !== 'field' || time.padded || (time.field !== 't' && time.field !== 'm')) return false;
  // A literal stands before each of the numbers.
  const rest = tokens.slice(1 + 2 * numbers);
  if (!rest.every((token) => token.kind !== 'field' || STEADY_FIELDS.has(token.field))) return false;
  const shape = tokens.map((token) => (token.kind === 'literal' ? token.text : token.kind === 'field' ? '\0' : ''));
  return !LABEL_LIKE.test(shape.join(''));
}

/** What the lines of the entry begin with that this line begins. */
export function prefixOf(
  { head, bodyFrom, numberFrom, numberTo }: HeadedLine,
  text: string,
  from: number,
): EntryPrefix {
  const labelFrom = bodyFrom - head.reading.match.label.length - LABEL_END.length;
  return numberFrom < 0
    ? { lead: text.slice(from, labelFrom), rest: null }
    : { lead: text.slice(from, numberFrom), rest: text.slice(numberTo, labelFrom) };
}
