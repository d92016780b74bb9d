import { basename } from 'node:path';
import type { LogEvent, SourceStatus } from './domain.ts';
import { checkLogFile, readLogFile, STDIN } from './log-files.ts';
import { formatUtc } from './time/rfc3339.ts';
import { LogParser } from './parsers/log-parser.ts';
import { createZoneResolver } from './time/zone.ts';

export interface ParseOptions {
  readonly timezone: string | null;
  readonly linePrefix: string | null;
  readonly keepStatements: boolean;
  readonly onEvents: (events: readonly LogEvent[]) => void;
  readonly onProgress?: ((progress: { readonly doneBytes: number; readonly totalBytes: number | null }) => void) | undefined;
}

/** What was read of one log: how it was understood, and what a user should be told of it. */
export interface ParsedLog {
  readonly status: SourceStatus;
  readonly finding: string | null;
}

/** Reads whole logs, one after another, and hands over each event with the file it came from; nothing is kept. */
export async function parseLogs(paths: readonly string[], options: ParseOptions): Promise<ParsedLog[]> {
  const sizes: (number | null)[] = [];
  for (const path of paths) sizes.push((await checkLogFile(path)).sizeBytes);
  const totalBytes = sizes.some((size) => size === null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const parsed: ParsedLog[] = [];
  let doneBytes = 0;
  for (const [fileId, path] of paths.entries()) {
    const parser = new LogParser({
      fileId,
      file: path === STDIN ? STDIN : basename(path),
      hints: { kind: null, linePrefix: options.linePrefix },
      zones: createZoneResolver(options.timezone),
      keepStatements: options.keepStatements,
      linesBefore: 0,
    });
    let newestUs: number | null = null;
    let fileBytes = 0;
    const take = (events: readonly LogEvent[]): void => {
      for (const { at } of events) if (at !== null && (newestUs === null || at.us > newestUs)) newestUs = at.us;
      options.onEvents(events);
    };
    for await (const chunk of readLogFile(path, fileId)) {
      fileBytes += chunk.bytes.length;
      doneBytes += chunk.bytes.length;
      take(parser.push(chunk));
      options.onProgress?.({ doneBytes, totalBytes });
    }
    take(parser.end());
    parsed.push(describeLog(path, parser, fileBytes, newestUs));
  }
  return parsed;
}

function describeLog(path: string, parser: LogParser, bytes: number, newestUs: number | null): ParsedLog {
  const { detection, counts } = parser;
  return {
    status: {
      kind: detection?.kind ?? 'postgres',
      path,
      state: detection === null ? 'failing' : 'following',
      reason: null,
      hint: null,
      offset: bytes,
      sizeBytes: bytes,
      lagBytes: 0,
      gaps: 0,
      detection,
      counts,
      newestAt: newestUs === null ? null : formatUtc(newestUs),
    },
    finding: findingOf(path, parser, bytes),
  };
}

/** What a user should be told of a log that gave less than it could; null when all is well. */
function findingOf(path: string, parser: LogParser, bytes: number): string | null {
  const { detection, counts } = parser;
  if (bytes === 0) return `${path} is empty`;
  if (detection === null) {
    if (looksBinary(counts.example ?? '')) return `${path} is no log: its content is binary`;
    return `${path} is not recognised as a denokv or Postgres log; its first line reads: ${counts.example ?? ''}`;
  }
  if (parser.recognisedOnly) return `${path} is a ${detection.kind} log, which is not read yet`;
  if (counts.unrecognised > counts.lines * 0.1) {
    return `${path}: ${String(counts.unrecognised)} of ${String(counts.lines)} lines were not understood, such as: ${counts.example ?? ''}`;
  }
  return null;
}

function looksBinary(text: string): boolean {
  return (text.match(/[\0-\x08\x0e-\x1a\ufffd]/g)?.length ?? 0) > text.length / 10;
}
