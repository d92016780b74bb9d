import type { Instant } from '../../domain.ts';
import type { ZoneResolver } from '../../time/zone.ts';

/** What can stand around each line of a log. */
export type EnvelopeKind =
  'docker' | 'cri' | 'journal' | 'cloudnative' | 'syslog' | 'compose' | 'json' | 'stamped' | 'table' | 'named';

/** What a wrapping's own times are read against. */
export interface EnvelopeContext {
  readonly zones: ZoneResolver;
  /** When the log was last written to, milliseconds since the epoch: gives BSD syslog's times their year. */
  readonly referenceMs: number;
}

/** Which part of a syslog message a line is: Postgres numbers its messages, and the parts that it cuts them into from 1. */
export interface SyslogChunk {
  /** Number of the message; '' where the server prints only the part's. */
  readonly message: string;
  readonly part: number;
}

/** One wrapped line. */
export interface Unwrapped {
  /** What was inside (latin1); may hold several lines. */
  readonly text: string;
  readonly stamp: Instant | null;
  /** The program that wrote it, as far as the wrapping names it, else ''. A log is about one program; lines of others are passed over. */
  readonly service: string;
  /** One writer of that program: pieces are joined within a stream only. */
  readonly stream: string;
  /** The next line of the same stream goes on in the middle of this one. */
  readonly partial: boolean;
  readonly chunk: SyslogChunk | null;
}

export interface Envelope {
  readonly kind: EnvelopeKind;
  /** Null when the line has not this form. `line` is latin1. */
  unwrap(line: string, context: EnvelopeContext): Unwrapped | null;
  /**
   * What a line without a header adds to the message of the wrapped line right above it (`above`), where this wrapping prints messages of
   * several lines so; null when it adds nothing. Absent where every line is wrapped.
   */
  continuation?(line: string, above: string): string | null;
  /** Whether lines of a log show that this is a wrapping, where each by itself could be something else. */
  isBorneOut?(lines: readonly string[]): boolean;
  /** Lines that the wrapping's own tool writes between the wrapped ones. */
  readonly marks?: RegExp;
}

/** The common case: a whole line, from nobody in particular. */
export function unwrapped(text: string, stamp: Instant | null, more: Partial<Unwrapped> = {}): Unwrapped {
  return { text, stamp, service: '', stream: '', partial: false, chunk: null, ...more };
}
