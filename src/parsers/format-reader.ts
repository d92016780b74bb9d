import type { Citation, LogEvent } from '../domain.ts';
import type { ZoneResolver } from '../time/zone.ts';
import type { LineRef, LineSink, NoiseSink } from './line-reader.ts';

/** What a format's reader is given: where events go, how places are cited, and what is to be counted. */
export interface ReaderContext {
  readonly zones: ZoneResolver;
  /** `whyd parse --all`: statement noise becomes events too. */
  readonly keepStatements: boolean;
  readonly emit: (event: LogEvent) => void;
  readonly cite: (line: number, lines: number, byteStart: number, byteEnd: number) => Citation;
  readonly countStatement: () => void;
  readonly countUnrecognised: (ref: LineRef) => void;
}

/** Turns the lines of one log into events. */
export interface FormatReader extends LineSink, Partial<Pick<NoiseSink, 'noiseForm' | 'pidOffset' | 'skip'>> {
  /** `log_line_prefix`, where the form has one. */
  readonly linePrefix: string | null;
  /** Emits every entry that is whole as far as can be seen; may be called at any time, and an entry that grows later is emitted again, fuller. */
  flush(): void;
  /** The log will not grow any more: what is still open is given up as it is. */
  end(): void;
  /** Where the oldest entry begins that may still grow: reading again from there loses nothing. Null when none is open. */
  readonly openSince: number | null;
  /**
   * Where a fresh reader has to begin so that it reads what follows as this one does: not after `openSince`, and before it where later lines
   * lean on earlier ones (a line without a time of its own). Absent where `openSince` says it all.
   */
  readonly resumeFrom?: number | null;
}
