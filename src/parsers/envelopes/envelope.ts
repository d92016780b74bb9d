import type { Instant } from '../../domain.ts';

/** What can stand around each line of a log. */
export type EnvelopeKind = 'docker' | 'journal' | 'cri';

/** One wrapped line: the text inside (latin1), when it was stamped, and whether the next piece of the same stream continues it. */
export interface Unwrapped {
  readonly text: string;
  readonly stamp: Instant | null;
  readonly stream: string;
  readonly partial: boolean;
}

export interface Envelope {
  readonly kind: EnvelopeKind;
  /** Null when the line has not this form. `line` is latin1. */
  unwrap(line: string): Unwrapped | null;
}
