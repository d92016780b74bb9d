import type { CauseCategory, Operation, Remedy } from '../../domain.ts';

/**
 * A claim on an SQLSTATE. `code` is a full SQLSTATE (`40P01`), a class (`23`) or a prefix (`2203`); the longest code that fits wins.
 * With `message` the claim holds only for texts that fit: that is how rows share one SQLSTATE. The claim without `message` takes the rest,
 * texts in another language included.
 */
export interface SqlstateClaim {
  readonly code: string;
  readonly message?: RegExp;
  /** Where even a fitting code leaves doubt: the probability that the row is right. */
  readonly confidence?: number;
}

/** An English server message that stands for one SQLSTATE, so that a log without `%e` still gives both. */
export interface ServerText {
  readonly pattern: RegExp;
  /** Null where the server prints 00000. */
  readonly sqlstate: string | null;
  /** The DETAIL must fit too: one message is shared by several SQLSTATEs. */
  readonly detail?: RegExp;
  /** Only as FATAL: the same words as an ERROR mean another thing. */
  readonly fatal?: true;
  readonly confidence?: number;
}

/** A text of denokv's own, its pool's, its socket's or SQLite's, once wrappers such as `Database error: ` are off. */
export interface ClientText {
  readonly pattern: RegExp;
  /** The text means this row only in this operation; an unknown operation fits too. */
  readonly operation?: Operation;
  readonly confidence?: number;
}

/** One row of the cause catalogue: how a cause is recognised, what it means, and what to do about it. */
export interface CauseRow {
  /** The id of CONTRACT.md: stable. */
  readonly id: string;
  readonly category: CauseCategory;
  readonly sqlstates: readonly SqlstateClaim[];
  readonly texts: readonly ServerText[];
  /** Tried in the catalogue's order, the first that fits wins. */
  readonly clientTexts: readonly ClientText[];
  /** The same request may succeed when it is simply tried again. */
  readonly transient: boolean;
  /** Named groups (`relation`, `column`, `constraint`, `setting`, ...) that fill the summary; searched in message and detail. */
  readonly objects: readonly RegExp[];
  /** One sentence without its full stop. `{name|words}` falls back on the words; `[... {name} ...]` is left out when the name is not known. */
  readonly summary: string;
  /** One to four, the most useful first. */
  readonly remedies: readonly Remedy[];
  /** The case of test/correlate/causes.test.ts (a recorded scenario's name where there is one) that proves the row. */
  readonly fixture: string;
}
