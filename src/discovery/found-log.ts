import type { SourceKind } from '../domain.ts';

/** A log that was found on this host. Its paths are absolute and may hold globs; a journal's unit has none. */
export interface FoundLog {
  readonly kind: SourceKind;
  readonly paths: readonly string[];
  readonly journalUnit?: string;
  /** How it was found, in a few words. */
  readonly how: string;
}

/** Something that would make answers better, or possible at all. */
export interface Lack {
  readonly says: string;
  readonly mend: string;
}

export interface Discovered {
  readonly logs: readonly FoundLog[];
  readonly lacks: readonly Lack[];
}
