import { basename } from 'node:path';
import type { Detection, LogEvent, LogFormat, ParseCounts, SourceStatus } from './domain.ts';
import { EXIT, WhydError } from './errors.ts';
import { describeDetection, findingOf, type Reading } from './offline/input-findings.ts';
import { checkLogFile, readLogFile, STDIN, type LogFileFacts } from './offline/log-files.ts';
import { formatUtc } from './time/rfc3339.ts';
import { LogParser } from './parsers/log-parser.ts';
import { lendReadSpace, ownReadSpace, type ReadSpace } from './parsers/scan/scan-memory.ts';
import { serverPrefix } from './server-prefix.ts';
import { createZoneResolver } from './time/zone.ts';

const NEWLINE = 0x0a;

export interface ParseOptions {
  readonly timezone: string | null;
  /** `log_line_prefix`; null for what the server's configuration says, or the lines. */
  readonly linePrefix: string | null;
  readonly keepStatements: boolean;
  readonly onEvents: (events: readonly LogEvent[]) => void;
  /** Asked after each piece of a log: reading goes on when it has settled, so who takes the events more slowly than they are read need not hoard them. */
  readonly whenReady?: () => Promise<void>;
  /** Told of each log when it has been read to its end. */
  readonly onRead?: (log: ReadLog) => void;
  readonly onProgress?:
    ((progress: { readonly doneBytes: number; readonly totalBytes: number | null }) => void) | undefined;
}

/** What was read of one log: how it was understood, and what a user should be told of it. */
export interface ParsedLog {
  readonly status: SourceStatus;
  /** What it was taken for and how sure that is, in one sentence; null where nothing was recognised. */
  readonly takenFor: string | null;
  readonly finding: string | null;
}

/**
 * Reads whole logs, one after another, and hands over each event with the file it came from; nothing is kept. A stream that several programs
 * share gives one entry for each log in it. Throws WhydError `input.*` for a path that cannot be read, before anything is.
 */
export async function parseLogs(paths: readonly string[], options: ParseOptions): Promise<ParsedLog[]> {
  const facts = [];
  for (const path of paths) facts.push({ path, ...(await checkLogFile(path)) });
  const { space, release } = lendReadSpace();
  try {
    return await parseChecked(facts, space, options);
  } finally {
    release();
  }
}

async function parseChecked(
  facts: readonly (LogFileFacts & { readonly path: string })[],
  space: ReadSpace,
  options: ParseOptions,
): Promise<ParsedLog[]> {
  const sizes = facts.map(({ sizeBytes }) => sizeBytes);
  const totalBytes = sizes.some((size) => size === null)
    ? null
    : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const parsed: ParsedLog[] = [];
  let doneBytes = 0;
  for (const [fileId, { path, modifiedMs }] of facts.entries()) {
    const parser = parserOf({ path, fileId, modifiedMs }, options);
    const reading = new LogReading();
    const take = async (events: readonly LogEvent[]): Promise<void> => {
      if (events.length === 0) return;
      reading.see(events);
      options.onEvents(events);
      await options.whenReady?.();
    };
    const onDamage = (damage: string): void => {
      reading.damage = damage;
    };
    for await (const chunk of readLogFile(path, fileId, space, onDamage)) {
      reading.bytes += chunk.bytes.length;
      reading.endsMidLine = chunk.bytes.at(-1) !== NEWLINE;
      doneBytes += chunk.bytes.length;
      await take(parser.push(chunk));
      options.onProgress?.({ doneBytes, totalBytes });
    }
    await take(parser.end());
    parsed.push(...describeLog(path, parser, reading, options.linePrefix));
    options.onRead?.({ path, fileId, modifiedMs, sizeBytes: reading.bytes });
  }
  return parsed;
}

/** A log that was read once, as it may be read again. */
export interface ReadLog {
  readonly path: string;
  readonly fileId: number;
  /** Null of what can be read only once: stdin, pipes. */
  readonly modifiedMs: number | null;
  /** Unpacked; what was written since is left alone. */
  readonly sizeBytes: number;
}

export type Reader = Pick<ParseOptions, 'timezone' | 'linePrefix' | 'keepStatements'>;

/** What the first bytes of a log hold; nothing of what can be read only once. What is wrong with a path is told by who reads it whole. */
export async function beginningOf(path: string, sizeBytes: number, options: Reader): Promise<readonly LogEvent[]> {
  try {
    const { modifiedMs } = await checkLogFile(path);
    if (modifiedMs === null) return [];
    const parser = parserOf({ path, fileId: 0, modifiedMs }, options);
    for await (const chunk of readLogFile(path, 0, ownReadSpace(), () => undefined)) {
      const events = parser.push({ ...chunk, bytes: chunk.bytes.subarray(0, sizeBytes) });
      return [...events, ...parser.end()];
    }
  } catch (error) {
    if (!(error instanceof WhydError)) throw error;
  }
  return [];
}

/**
 * Reads a log again, event for event as before, in pieces as they are asked for: several can be read side by side. Throws WhydError `input.changed`
 * when there is less of it than before.
 */
export async function* readAgain(log: ReadLog, options: Reader): AsyncGenerator<readonly LogEvent[]> {
  const parser = parserOf(log, options);
  let left = log.sizeBytes;
  for await (const chunk of readLogFile(log.path, log.fileId, ownReadSpace(), () => undefined)) {
    const bytes = chunk.bytes.subarray(0, left);
    left -= bytes.length;
    yield parser.push({ ...chunk, bytes });
    if (left === 0) break;
  }
  if (left > 0)
    throw new WhydError('input.changed', `${log.path} became shorter while it was read`, {
      hint: 'Copy a log that is being rotated, and analyze the copy.',
      exitCode: EXIT.failure,
    });
  yield parser.end();
}

function parserOf({ path, fileId, modifiedMs }: Omit<ReadLog, 'sizeBytes'>, options: Reader): LogParser {
  return new LogParser({
    fileId,
    file: path === STDIN ? STDIN : basename(path),
    hints: { kind: null, linePrefix: options.linePrefix ?? (path === STDIN ? null : serverPrefix(path)) },
    zones: createZoneResolver(options.timezone),
    keepStatements: options.keepStatements,
    linesBefore: 0,
    referenceMs: modifiedMs,
  });
}

/** What the reading of one file shows besides its events. */
class LogReading implements Reading {
  bytes = 0;
  damage: string | null = null;
  endsMidLine = false;
  readonly #newestUs = new Map<LogFormat, number>();
  readonly #events = new Map<LogFormat, number>();

  see(events: readonly LogEvent[]): void {
    // A log has one form, or long stretches of each: what is known of it is looked up once a stretch.
    for (let next = 0; next < events.length;) {
      const format = events[next]?.format ?? 'denokv';
      const from = next;
      let newestUs = this.#newestUs.get(format) ?? -Infinity;
      for (let event = events[next]; event?.format === format; event = events[++next])
        if (event.at !== null && event.at.us > newestUs) newestUs = event.at.us;
      this.#events.set(format, this.eventsOf(format) + next - from);
      if (newestUs > -Infinity) this.#newestUs.set(format, newestUs);
    }
  }

  eventsOf(format: LogFormat): number {
    return this.#events.get(format) ?? 0;
  }

  newestOf(format: LogFormat): string | null {
    const us = this.#newestUs.get(format);
    return us === undefined ? null : formatUtc(us);
  }
}

function describeLog(path: string, parser: LogParser, reading: LogReading, givenPrefix: string | null): ParsedLog[] {
  const { counts, detections } = parser;
  const [first = null, ...others] = detections;
  const ofOthers = others.map((detection) => countsOf(detection, reading));
  const rest = { ...counts, events: counts.events - ofOthers.reduce((sum, { events }) => sum + events, 0) };
  return [
    {
      status: statusOf(path, first, rest, reading),
      takenFor: first === null ? null : describeDetection(path, first),
      finding: findingOf(path, parser, reading, givenPrefix),
    },
    ...others.map((detection, index) => ({
      status: statusOf(path, detection, ofOthers[index] ?? counts, reading),
      takenFor: describeDetection(path, detection),
      finding: null,
    })),
  ];
}

/** Lines are counted once for the whole file, with its first log. */
function countsOf({ format }: Detection, reading: LogReading): ParseCounts {
  return { lines: 0, events: reading.eventsOf(format), statements: 0, unrecognised: 0, truncated: 0, example: null };
}

function statusOf(path: string, detection: Detection | null, counts: ParseCounts, reading: LogReading): SourceStatus {
  return {
    kind: detection?.kind ?? 'postgres',
    path,
    state: detection === null ? 'failing' : 'following',
    reason: null,
    hint: null,
    offset: reading.bytes,
    sizeBytes: reading.bytes,
    lagBytes: 0,
    gaps: 0,
    detection,
    counts,
    newestAt: detection === null ? null : reading.newestOf(detection.format),
  };
}
