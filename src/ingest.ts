import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Chunk, GapEvent, LogEvent, SourceStatus } from './domain.ts';
import type { SourceConfig } from './config/config.ts';
import { LogParser } from './parsers/log-parser.ts';
import type { WhydIndex } from './store/whyd-index.ts';
import type { FileCheckpoint } from './tailers/file-checkpoint.ts';
import type { FileOpening, FileStatus, FollowedFile, TailGap, TailHandler } from './tailers/tail-handler.ts';
import { formatUtc } from './time/rfc3339.ts';
import { createZoneResolver } from './time/zone.ts';

export interface IngestOptions {
  readonly index: WhydIndex;
  readonly sources: readonly SourceConfig[];
  /** Where a file may be taken up again; the tailer knows. */
  readonly checkpoint: (fileId: number, safeOffset: number) => FileCheckpoint | null;
  /** Called after each commit that brought something, with what it brought. */
  readonly onEvents: (events: readonly LogEvent[]) => void;
  readonly nowMs: () => number;
}

interface OpenLog {
  readonly file: FollowedFile;
  readonly parser: LogParser;
  gaps: number;
  /** Something was read that has not been flushed yet. */
  pending: boolean;
  lastChunkMs: number;
  newestUs: number | null;
}

/** A log that has said nothing for so long is taken to be between two entries. */
const IDLE_FLUSH_MS = 200;
const COUNT_BUFFER_BYTES = 1 << 20;
const LF = 10;

/** Takes what the tailer reads through the parsers into the index: events and the position behind them in one transaction. */
export class Ingest implements TailHandler {
  readonly #options: IngestOptions;
  readonly #logs = new Map<number, OpenLog>();

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  openFile(opening: FileOpening): number {
    return this.#options.index.openFile(opening);
  }

  onChunk(chunk: Chunk, file: FollowedFile): void {
    const log = this.#logOf(file, chunk.byteStart);
    log.lastChunkMs = this.#options.nowMs();
    log.pending = true;
    this.#commit(log, log.parser.push(chunk));
  }

  onEnd(file: FollowedFile): void {
    const log = this.#logs.get(file.fileId);
    if (log === undefined) return;
    this.#logs.delete(file.fileId);
    this.#options.index.transaction(() => {
      this.#commit(log, log.parser.end());
      this.#options.index.endFile(file.fileId);
    });
  }

  onGap({ file, reason, bytesLost }: TailGap): void {
    const log = this.#logOf(file, 0);
    log.gaps++;
    const event: GapEvent = {
      kind: 'gap',
      at: null,
      citation: { fileId: file.fileId, file: basename(file.path), line: 0, lines: 0, byteStart: -log.gaps, byteEnd: -log.gaps },
      format: file.kind === 'denokv' ? 'denokv' : 'postgres_stderr',
      reason,
      bytesLost,
    };
    this.#commit(log, [event]);
  }

  /** Hands out the last entries of logs that pause. To be called every now and then. */
  flushIdle(): void {
    const now = this.#options.nowMs();
    for (const log of this.#logs.values()) {
      if (!log.pending || now - log.lastChunkMs < IDLE_FLUSH_MS) continue;
      log.pending = false;
      this.#commit(log, log.parser.flush());
    }
  }

  /** What the tailer knows of its files, with what the parsers made of them. */
  describe(files: readonly FileStatus[]): SourceStatus[] {
    return files.map((file) => {
      const log = file.fileId === null ? undefined : this.#logs.get(file.fileId);
      return {
        kind: file.kind,
        path: file.path,
        state: file.state,
        reason: file.reason ?? unrecognisedReason(log),
        hint: file.hint,
        offset: file.offset,
        sizeBytes: file.sizeBytes,
        lagBytes: file.lagBytes,
        gaps: file.gaps,
        detection: log?.parser.detection ?? null,
        counts: log?.parser.counts ?? { lines: 0, events: 0, statements: 0, unrecognised: 0, truncated: 0, example: null },
        newestAt: log?.newestUs == null ? null : formatUtc(log.newestUs),
      };
    });
  }

  #logOf(file: FollowedFile, byteStart: number): OpenLog {
    const known = this.#logs.get(file.fileId);
    if (known !== undefined) return known;
    const { index, nowMs } = this.#options;
    const source = this.#options.sources.find(({ kind }) => kind === file.kind);
    const parser = new LogParser({
      fileId: file.fileId,
      file: basename(file.path),
      hints: { kind: file.kind, linePrefix: source?.linePrefix ?? index.detection(file.fileId)?.linePrefix ?? null },
      zones: createZoneResolver(source?.timezone ?? null),
      keepStatements: false,
      linesBefore: byteStart === 0 ? 0 : countLines(file.path, byteStart),
    });
    const log: OpenLog = { file, parser, gaps: 0, pending: false, lastChunkMs: nowMs(), newestUs: null };
    this.#logs.set(file.fileId, log);
    return log;
  }

  #commit(log: OpenLog, events: readonly LogEvent[]): void {
    const { index, checkpoint, onEvents } = this.#options;
    const { fileId } = log.file;
    for (const { at } of events) if (at !== null) log.newestUs = Math.max(log.newestUs ?? at.us, at.us);
    const position = checkpoint(fileId, log.parser.safeOffset);
    const changed = index.commit({
      events,
      checkpoints: position === null ? [] : [position],
      facts: [{ fileId, detection: log.parser.detection, counts: log.parser.counts, gaps: log.gaps }],
    });
    if (changed > 0) onEvents(events);
  }
}

function unrecognisedReason(log: OpenLog | undefined): string | null {
  if (log === undefined || log.parser.detection !== null || log.parser.counts.lines === 0) return null;
  return `not recognised as such a log; its first line reads: ${log.parser.counts.example ?? ''}`;
}

/** Lines before an offset: a restart goes on in mid-file, and citations count from its beginning. */
function countLines(path: string, byteEnd: number): number {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(COUNT_BUFFER_BYTES);
    let lines = 0;
    for (let position = 0; position < byteEnd; ) {
      const read = readSync(file, buffer, 0, Math.min(buffer.length, byteEnd - position), position);
      if (read === 0) break;
      const bytes = buffer.subarray(0, read);
      for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++;
      position += read;
    }
    return lines;
  } finally {
    closeSync(file);
  }
}
