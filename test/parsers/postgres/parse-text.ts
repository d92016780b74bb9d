import type { Chunk, LogEvent, ParseCounts, PostgresEvent } from '../../../src/domain.ts';
import { LogParser } from '../../../src/parsers/log-parser.ts';
import { createZoneResolver } from '../../../src/time/zone.ts';

export interface ParseTextOptions {
  /** Byte offsets at which the text is cut into chunks. */
  readonly cuts?: readonly number[];
  /** The log pauses at each cut: an entry that grows afterwards comes again, fuller. */
  readonly pauses?: boolean;
  readonly linePrefix?: string;
  readonly keepStatements?: boolean;
  readonly scansNoise?: boolean;
  readonly timezone?: string;
  readonly file?: string;
}

export interface ParsedText {
  readonly events: readonly LogEvent[];
  readonly counts: ParseCounts;
  readonly linePrefix: string | null;
  readonly confidence: number;
}

/** Parses a whole log from memory, cut as told. */
export function parseText(text: string | Buffer | Iterable<Buffer>, options: ParseTextOptions = {}): ParsedText {
  const parser = new LogParser({
    fileId: 0,
    file: options.file ?? 'postgresql.log',
    hints: { kind: null, linePrefix: options.linePrefix ?? null },
    zones: createZoneResolver(options.timezone ?? null),
    keepStatements: options.keepStatements ?? false,
    scansNoise: options.scansNoise ?? true,
    linesBefore: 0,
  });
  const events: LogEvent[] = [];
  for (const chunk of chunksOf(text, options.cuts ?? [])) {
    events.push(...parser.push(chunk));
    if (options.pauses === true) events.push(...parser.flush());
  }
  events.push(...parser.end());
  return {
    events,
    counts: parser.counts,
    linePrefix: parser.detection?.linePrefix ?? null,
    confidence: parser.detection?.confidence ?? 0,
  };
}

/** The same, where only server entries are expected. */
export function parsePostgres(text: string | Buffer, options: ParseTextOptions = {}): readonly PostgresEvent[] {
  return parseText(text, options).events.filter(isPostgres);
}

export function isPostgres(event: LogEvent): event is PostgresEvent {
  return event.format.startsWith('postgres');
}

/** The parts of an entry that a server wrote: what all forms of a log must agree on. */
export function contentOf(event: PostgresEvent): Omit<PostgresEvent, 'citation' | 'format'> {
  const { citation: _citation, format: _format, ...content } = event;
  return content;
}

function chunksOf(text: string | Buffer | Iterable<Buffer>, cuts: readonly number[]): Iterable<Chunk> {
  if (typeof text === 'string') return cut(Buffer.from(text), cuts);
  return Buffer.isBuffer(text) ? cut(text, cuts) : inTurn(text);
}

function* inTurn(pieces: Iterable<Buffer>): Generator<Chunk> {
  let byteStart = 0;
  for (const bytes of pieces) {
    yield { fileId: 0, byteStart, bytes, startsGeneration: byteStart === 0 };
    byteStart += bytes.length;
  }
}

function* cut(bytes: Buffer, cuts: readonly number[]): Generator<Chunk> {
  const ends = [...cuts, bytes.length].filter((end) => end <= bytes.length).sort((a, b) => a - b);
  let byteStart = 0;
  for (const end of ends) {
    if (end <= byteStart) continue;
    // A tailer reuses its buffer: each chunk is a copy that is spoilt behind it.
    const piece = Buffer.from(bytes.subarray(byteStart, end));
    yield { fileId: 0, byteStart, bytes: piece, startsGeneration: byteStart === 0 };
    piece.fill(0x7a);
    byteStart = end;
  }
}
