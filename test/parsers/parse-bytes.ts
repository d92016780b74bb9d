import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEvent } from '../../src/domain.ts';
import { LogParser, type LogParserOptions } from '../../src/parsers/log-parser.ts';
import { createZoneResolver } from '../../src/time/zone.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'logs');

export function readFixture(...path: readonly string[]): Buffer {
  return readFileSync(join(FIXTURES, ...path));
}

export function newParser(options: Partial<LogParserOptions> & { readonly timezone?: string } = {}): LogParser {
  const { timezone = null, ...rest } = options;
  return new LogParser({
    fileId: 1,
    file: 'a.log',
    hints: { kind: null, linePrefix: null },
    zones: createZoneResolver(timezone),
    keepStatements: false,
    linesBefore: 0,
    ...rest,
  });
}

export interface Parsed {
  readonly events: readonly LogEvent[];
  readonly parser: LogParser;
}

/** Parses a whole log, cut into pieces of `pieceBytes` (all at once without it). */
export function parseBytes(
  log: string | Buffer,
  options: Parameters<typeof newParser>[0] = {},
  pieceBytes = Infinity,
): Parsed {
  const bytes = typeof log === 'string' ? Buffer.from(log) : log;
  const parser = newParser(options);
  const events: LogEvent[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    const piece = bytes.subarray(from, Math.min(bytes.length, from + pieceBytes));
    events.push(...parser.push({ fileId: 1, byteStart: from, bytes: piece, startsGeneration: from === 0 }));
  }
  events.push(...parser.end());
  return { events, parser };
}

/** What an event says, without where it stands. */
export function contentOf(event: LogEvent): Record<string, unknown> {
  const { citation: _, ...content } = event;
  return content;
}
