import type { LogEvent, ParseCounts } from '../domain.ts';
import type { LogParser } from '../parsers/log-parser.ts';
import type { FollowedFile } from '../tailers/tail-handler.ts';
import type { LineMark } from './line-mark.ts';
import type { ReadLog } from './source-book.ts';

/** One generation of a log that is being read, from its first chunk to its end. */
export interface OpenLog {
  readonly file: FollowedFile;
  readonly parser: LogParser;
  readonly mark: LineMark;
  /** What was counted before this run. */
  readonly countsBefore: ParseCounts;
  /** What the parser handed out and no commit has taken yet: a full disk or a busy index must lose nothing. */
  unsaved: LogEvent[];
  /** Where the events stand that were handed out and may come again, fuller. */
  readonly growing: Set<number>;
  /** Events that came again: they were counted before. */
  repeats: number;
  /** Offset up to which the parser has been given bytes. A chunk whose commit failed comes again, and may have grown. */
  parsedTo: number;
  ended: boolean;
  /** So many bytes were there when the daemon started: back-fill. */
  readonly historyBytes: number;
  gaps: number;
  /** Since when something is read and not flushed, or null. */
  pendingSinceMs: number | null;
  lastChunkMs: number;
  newestUs: number | null;
  /** As of all logs together, when what is said of this one changed last. */
  changes: number;
  readonly read: () => ReadLog;
  /** The file that was read before this one, as long as its last line may go on here. */
  before: OpenLog | null;
}

/** Events from the place on at which the reading is taken up were counted by an earlier run, and come again. */
export function countsUpTo(counts: ParseCounts, comingAgain: number): ParseCounts {
  return { ...counts, lines: 0, events: Math.max(0, counts.events - comingAgain) };
}

/** The lines are counted from the file's beginning, whoever read them; the rest is what the runs so far have found. */
export function countsOf({ parser: { counts }, countsBefore: before, repeats }: OpenLog): ParseCounts {
  return {
    lines: counts.lines,
    events: before.events + counts.events - repeats,
    statements: before.statements + counts.statements,
    unrecognised: before.unrecognised + counts.unrecognised,
    truncated: before.truncated + counts.truncated,
    example: before.example ?? counts.example,
  };
}
