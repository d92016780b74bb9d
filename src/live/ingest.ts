import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Chunk, FileCheckpoint, FileOpening, GapEvent, LogEvent, SourceStatus } from '../domain.ts';
import type { SourceConfig } from '../config/config.ts';
import { WhydError } from '../errors.ts';
import type { BackFillFacts } from './back-fill.ts';
import { LineMark } from './line-mark.ts';
import { countsOf, countsUpTo, type OpenLog } from './open-log.ts';
import { NO_COUNTS, SourceBook } from './source-book.ts';
import { LogParser } from '../parsers/log-parser.ts';
import type { WhydIndex } from '../store/whyd-index.ts';
import type { FileStatus, FollowedFile, TailGap, TailHandler } from '../tailers/tail-handler.ts';
import { serverPrefix } from '../server-prefix.ts';
import { createZoneResolver } from '../time/zone.ts';

/** What the tailer knows of the files that it follows, by the ids that the index gave them. */
export interface FollowedFiles {
  /** Where a file may be taken up again; null when it is no longer followed. */
  readonly checkpoint: (fileId: number, safeOffset: number) => FileCheckpoint | null;
  /** Line ends in [from, to); null when it is no longer followed. */
  readonly countLines: (fileId: number, from: number, to: number) => number | null;
}

export interface IngestOptions {
  readonly index: WhydIndex;
  /** The very objects that the tailer was given. */
  readonly sources: readonly SourceConfig[];
  readonly files: FollowedFiles;
  /** What was there at the start is back-fill: its events from before this moment are passed over, microseconds since the epoch; null: all are wanted. */
  readonly sinceUs: number | null;
  /** Wall clock, milliseconds: what is written from now on is wanted, whatever time it carries. */
  readonly startedMs: number;
  /** Called after each commit that brought something, with the events that are new or fuller than before. */
  readonly onEvents: (events: readonly LogEvent[]) => void;
  readonly nowMs: () => number;
}

/** A log that has said nothing for so long is taken to be between two entries. */
const IDLE_FLUSH_MS = 200;
/** A log that never pauses is not held back for longer than this: its form may be undecided, or its newest entry still grow. */
const MAX_HOLD_MS = 500;
/** The rest of a cut line is not looked for beyond this: twice the longest line that is kept. */
const MAX_CUT_BYTES = 2 * 2 ** 20;

/** Takes what the tailer reads through the parsers into the index: events and the position behind them in one transaction. */
export class Ingest implements TailHandler {
  readonly #options: IngestOptions;
  readonly #logs = new Map<number, OpenLog>();
  #taken = 0;
  #passedOver = 0;
  #newestPassedUs: number | null = null;
  /** Of each file the bytes that were there when it was opened. */
  readonly #history = new Map<number, number>();
  #changes = 0;
  readonly #book = new SourceBook((fileId) => this.#logs.get(fileId));
  /** Those of which something was read that is not handed out or not saved. */
  readonly #pending = new Set<OpenLog>();

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  openFile(opening: FileOpening, gap: TailGap | null, openedAtMs: number | null): number {
    const { index, onEvents } = this.#options;
    if (gap === null) {
      const fileId = index.openFile(opening, openedAtMs);
      this.#history.set(fileId, historyBytesOf(opening, this.#options.startedMs));
      return fileId;
    }
    const opened = index.transaction(() => {
      const fileId = index.openFile(opening, openedAtMs);
      const facts = { fileId, detection: null, counts: NO_COUNTS, gaps: gap.bytesLost === 0 ? 0 : 1, linesBefore: 0 };
      const event = gapEvent({ ...opening, fileId }, gap);
      return { fileId, events: index.commit({ events: [event], checkpoints: [], facts: [facts] }) };
    });
    onEvents(opened.events);
    return opened.fileId;
  }

  onChunk(chunk: Chunk, file: FollowedFile): void {
    const log = this.#logOf(file, chunk.byteStart);
    log.lastChunkMs = this.#options.nowMs();
    this.#pending.add(log);
    const known = log.parsedTo - chunk.byteStart;
    const fresh =
      known <= 0
        ? chunk
        : { ...chunk, byteStart: log.parsedTo, bytes: chunk.bytes.subarray(known), startsGeneration: false };
    if (fresh.bytes.length > 0) {
      log.pendingSinceMs ??= log.lastChunkMs;
      log.parsedTo = fresh.byteStart + fresh.bytes.length;
      this.#keep(log, log.parser.push(fresh));
      this.#goOn(log.before, fresh);
    }
    if (log.before !== null && !isAwaited(log)) {
      if (!log.before.ended) this.#commit(log.before);
      log.before = null;
    }
    this.#commit(log);
  }

  onEnd(file: FollowedFile): void {
    const { index } = this.#options;
    const log = this.#logs.get(file.fileId);
    if (log !== undefined && !log.ended) {
      log.ended = true;
      this.#pending.delete(log);
      this.#keep(log, log.parser.end());
    }
    if (log === undefined) index.endFile(file.fileId);
    else this.#commit(log);
    this.#logs.delete(file.fileId);
    this.#history.delete(file.fileId);
  }

  /** The beginning of a file may be the rest of a line that a container's runtime cut in the file before it. */
  #goOn(before: OpenLog | null, chunk: Chunk): void {
    if (before?.parser.goesOn !== true || before.ended) return;
    before.lastChunkMs = this.#options.nowMs();
    before.pendingSinceMs ??= before.lastChunkMs;
    this.#pending.add(before);
    this.#keep(before, before.parser.pushNextFile(chunk));
  }

  /** Something was read that flushIdle will have to hand out. */
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Hands out the last entries of logs that pause. To be called every now and then. @throws WhydError `index.*`, or what the first file failed with that cannot be looked at */
  flushIdle(): void {
    const now = this.#options.nowMs();
    const failures: unknown[] = [];
    for (const log of this.#pending) {
      const isIdle = now - log.lastChunkMs >= IDLE_FLUSH_MS;
      const isOverdue = log.pendingSinceMs !== null && now - log.pendingSinceMs >= MAX_HOLD_MS;
      if (!(isIdle || isOverdue)) continue;
      try {
        this.#flush(log);
      } catch (error) {
        // A full disk or a busy index is the same for all; a file that cannot be read holds up no other.
        if (error instanceof WhydError && error.code.startsWith('index.')) throw error;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #flush(log: OpenLog): void {
    if (log.pendingSinceMs !== null) this.#keep(log, log.parser.flush());
    log.pendingSinceMs = null;
    this.#commit(log);
    this.#pending.delete(log);
  }

  /** What was taken and what was too old, since the start. */
  get backFill(): BackFillFacts {
    return { taken: this.#taken, passedOver: this.#passedOver, newestPassedUs: this.#newestPassedUs };
  }

  /** Grows whenever what is said of a log may have changed. */
  get changes(): number {
    return this.#changes;
  }

  /** What the tailer knows of its files, with what the parsers made of them. */
  describe(files: readonly FileStatus[]): readonly SourceStatus[] {
    return this.#book.describe(files);
  }

  #logOf(file: FollowedFile, byteStart: number): OpenLog {
    const known = this.#logs.get(file.fileId);
    if (known !== undefined) return known;
    const { index, files, nowMs } = this.#options;
    const { fileId } = file;
    const source = this.#options.sources.find((one) => one === file.source);
    const facts = index.facts(fileId);
    const mark = new LineMark(facts?.linesBefore == null ? 0 : facts.offset, facts?.linesBefore ?? 0);
    const parser = new LogParser({
      fileId,
      file: basename(file.path),
      hints: {
        kind: file.kind,
        linePrefix:
          source?.linePrefix ??
          facts?.detection?.linePrefix ??
          (file.kind === 'postgres' ? serverPrefix(file.path) : null),
      },
      zones: createZoneResolver(source?.timezone ?? null),
      keepStatements: false,
      linesBefore: mark.moveTo(byteStart, (from, to) => files.countLines(fileId, from, to)) ?? 0,
    });
    const log: OpenLog = {
      file,
      parser,
      mark,
      countsBefore: countsUpTo(facts?.counts ?? NO_COUNTS, index.countEventsFrom(fileId, byteStart)),
      unsaved: [],
      growing: new Set(),
      repeats: 0,
      parsedTo: byteStart,
      ended: false,
      historyBytes: this.#history.get(fileId) ?? 0,
      gaps: facts?.gaps ?? 0,
      pendingSinceMs: null,
      lastChunkMs: nowMs(),
      newestUs: null,
      changes: 0,
      before: this.#cutBefore(file, byteStart),
      read: () => ({ detection: parser.detection, counts: countsOf(log), newestUs: log.newestUs }),
    };
    this.#logs.set(fileId, log);
    return log;
  }

  /** The log whose last line was cut, if that may go on in this file. A file between the two may hold nothing but pieces of it. */
  #cutBefore({ continues }: FollowedFile, byteStart: number): OpenLog | null {
    const before = continues == null || byteStart > 0 ? undefined : this.#logs.get(continues);
    const cut = before?.before ?? before;
    if (cut === undefined || cut.ended) return null;
    // What it holds of a log whose form is not decided yet is looked at now: nothing more will come.
    this.#pending.add(cut);
    this.#keep(cut, cut.parser.flush());
    return cut.parser.goesOn ? cut : null;
  }

  #commit(log: OpenLog): void {
    const { index, files, onEvents, sinceUs } = this.#options;
    const { fileId } = log.file;
    const events = log.unsaved.filter((event) => this.#isWanted(event, log));
    const position = files.checkpoint(fileId, isAwaited(log) ? 0 : log.parser.safeOffset);
    const linesBefore =
      position === null ? null : log.mark.moveTo(position.offset, (from, to) => files.countLines(fileId, from, to));
    const detection = log.parser.detection ?? index.facts(fileId)?.detection ?? null;
    const facts = { fileId, detection, counts: countsOf(log), gaps: log.gaps, linesBefore };
    const changed = index.transaction(() => {
      if (log.ended) index.endFile(fileId);
      return index.commit({ events, checkpoints: position === null ? [] : [position], facts: [facts] });
    });
    // Only now: until the outermost commit has succeeded, a full disk may still take it all back.
    this.#taken += events.length;
    for (const { at } of log.unsaved) {
      if (at === null || sinceUs === null || at.us >= sinceUs || log.unsaved.length === events.length) continue;
      this.#newestPassedUs = Math.max(this.#newestPassedUs ?? at.us, at.us);
    }
    this.#passedOver += log.unsaved.length - events.length;
    for (const place of log.growing) if (place < log.parser.safeOffset) log.growing.delete(place);
    log.unsaved = [];
    for (const { at } of events) if (at !== null) log.newestUs = Math.max(log.newestUs ?? at.us, at.us);
    log.changes = ++this.#changes;
    if (changed.length > 0) onEvents(changed);
  }

  #keep(log: OpenLog, events: readonly LogEvent[]): void {
    log.changes = ++this.#changes;
    for (const { citation } of events) {
      if (log.growing.has(citation.byteStart)) log.repeats += 1;
      log.growing.add(citation.byteStart);
    }
    log.unsaved.push(...events);
  }

  /** Who denokv is must be known however long ago it said so. */
  #isWanted(event: LogEvent, { historyBytes }: OpenLog): boolean {
    const { sinceUs } = this.#options;
    if (sinceUs === null || event.at === null || event.at.us >= sinceUs) return true;
    if (event.citation.byteStart >= historyBytes) return true;
    return event.kind === 'denokv_note' && event.identity !== null;
  }
}

/** The rest of a line that was cut before it is not read yet: until it is, a restart has to begin at its first byte. */
function isAwaited({ before, parsedTo }: OpenLog): boolean {
  return before?.parser.goesOn === true && !before.ended && parsedTo < MAX_CUT_BYTES;
}

/** A file that came after the start has no history; what can't be looked up (a journal) is all history. */
function historyBytesOf({ path, identity }: FileOpening, startedMs: number): number {
  if (BigInt(identity.birthtimeNs) / 1_000_000n >= BigInt(startedMs)) return 0;
  return statSync(path, { throwIfNoEntry: false })?.size ?? Number.POSITIVE_INFINITY;
}

/** A gap stands before the first byte of the generation that follows it. */
function gapEvent({ fileId, path, kind }: Omit<FollowedFile, 'source'>, { reason, bytesLost }: TailGap): GapEvent {
  return {
    kind: 'gap',
    at: null,
    citation: { fileId, file: basename(path), line: 0, lines: 0, byteStart: -1, byteEnd: -1 },
    format: kind === 'postgres' ? 'postgres_stderr' : kind,
    reason,
    bytesLost,
  };
}
