import type { PostgresSession, TimePrecision } from '../../domain.ts';
import { parseCivilSeconds } from '../../time/postgres-time.ts';
import { flatCopy } from '../latin1.ts';
import type { LineRef } from '../line-reader.ts';
import { LABELS, type Label } from './labels.ts';
import type { PrefixMatcher, PrefixToken } from './line-prefix.ts';
import type { PrefixField } from './prefix-field.ts';
import type { PrefixReading } from './prefix-book.ts';
import { backendOf, sessionOf, valueOf } from './session-of.ts';

/** What a line's prefix and label say, the time apart. */
export interface Head {
  /** Of the line that was read the long way, its time with it. */
  readonly reading: PrefixReading;
  readonly backend: string;
  readonly session: PostgresSession;
  readonly sqlstate: string | null;
  /** What the label means; undefined where that is not known. */
  readonly label: Label | undefined;
}

/** What a line's time says before its zone is asked for: in the hour that a clock change repeats, that may be done once only. */
export interface KnownTime {
  readonly localUs: number;
  readonly precision: TimePrecision;
  readonly zone: string;
}

export interface KnownLine {
  readonly head: Head;
  readonly time: KnownTime;
  readonly bodyFrom: number;
}

const LABEL_END = ':  ';
/** Backends come and go; one log has a few hundred at a time. */
const MAX_HEADS = 2048;
const MAX_HEAD_CHARS = 256;
/** `2026-11-23 05:00:00`, and with milliseconds. */
const SECOND_CHARS = 19;
const MILLISECOND_CHARS = 23;
const BLANK = 32;
/** Fields that are the same from line to line of a backend and hold no colon with two blanks, so that the first such ends the label. */
const STEADY_FIELDS: ReadonlySet<PrefixField> = new Set<PrefixField>(['p', 'c', 'u', 'd', 'h', 'r', 'e']);

/**
 * Heads of lines that were read before. Where a prefix begins with the time, all the rest of it and the label are the same bytes for many lines: to
 * match them anew, with a name and a number each, takes most of an error's time.
 */
export class HeadMemo {
  readonly #heads = new Map<string, Head>();
  #matcher: PrefixMatcher | null = null;
  #isSteady = false;
  /** The time of the line that was learnt from; '' when nothing was. */
  #time = '';
  #zone = '';
  /** The zone's name, without the blank before it. */
  #label = '';

  find(text: string, from: number, to: number, matcher: PrefixMatcher | null): KnownLine | null {
    if (this.#time === '' || matcher !== this.#matcher) return null;
    const headFrom = from + this.#time.length;
    const bodyFrom = text.indexOf(LABEL_END, headFrom) + LABEL_END.length;
    if (bodyFrom <= headFrom || bodyFrom > to || bodyFrom - headFrom > MAX_HEAD_CHARS) return null;
    const head = this.#heads.get(text.slice(headFrom, bodyFrom));
    if (head === undefined) return null;
    const time = this.#timeAt(text, from);
    return time === null ? null : { head, time, bodyFrom };
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
    const headFrom = from + time.length;
    const { bodyFrom } = match;
    if (bodyFrom - headFrom > MAX_HEAD_CHARS || text.indexOf(LABEL_END, headFrom) + LABEL_END.length !== bodyFrom)
      return;
    const values = match.values.map(flatCopy);
    this.#heads.set(flatCopy(text.slice(headFrom, bodyFrom)), headOf({ matcher, match: { ...match, values } }));
  }

  #reset(matcher: PrefixMatcher): void {
    this.#matcher = matcher;
    this.#isSteady = isSteady(matcher);
    this.#heads.clear();
    this.#time = '';
    this.#zone = '';
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

export function headOf(reading: PrefixReading): Head {
  return {
    reading,
    backend: backendOf(reading),
    session: sessionOf(reading),
    sqlstate: valueOf(reading, 'e') || null,
    label: LABELS.get(reading.match.label),
  };
}

/** Whether the bytes between time and message say all by themselves, whatever the message is. */
function isSteady({ tokens, isForgeable }: PrefixMatcher): boolean {
  const [time, ...rest] = tokens;
  if (isForgeable || time?.kind !== 'field' || time.padded || (time.field !== 't' && time.field !== 'm')) return false;
  return rest.every(isSteadyToken);
}

function isSteadyToken(token: PrefixToken): boolean {
  switch (token.kind) {
    case 'field':
      return STEADY_FIELDS.has(token.field);
    case 'literal':
      return !token.text.includes(':');
    case 'quit':
      return true;
  }
}

/** Where the label of a line with this head begins, whose body begins at `bodyFrom`. */
export function labelFrom({ reading }: Head, bodyFrom: number): number {
  return bodyFrom - reading.match.label.length - LABEL_END.length;
}
