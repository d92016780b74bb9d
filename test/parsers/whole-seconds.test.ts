import { describe, expect, it } from 'vitest';
import { LogParser } from '../../src/parsers/log-parser.ts';
import { createZoneResolver } from '../../src/time/zone.ts';

function precisionsOf(lines: readonly string[], pieceLines = lines.length): readonly (string | undefined)[] {
  const parser = new LogParser({
    fileId: 0,
    file: 'postgresql.log',
    hints: { kind: null, linePrefix: null },
    zones: createZoneResolver(null),
    keepStatements: false,
    linesBefore: 0,
  });
  const precisions: (string | undefined)[] = [];
  let byteStart = 0;
  for (let from = 0; from < lines.length; from += pieceLines) {
    const bytes = Buffer.from(
      lines
        .slice(from, from + pieceLines)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const events = [...parser.push({ fileId: 0, byteStart, bytes, startsGeneration: from === 0 }), ...parser.flush()];
    precisions.push(...events.map(({ at }) => at?.precision));
    byteStart += bytes.length;
  }
  precisions.push(...parser.end().map(({ at }) => at?.precision));
  return precisions;
}

const entryAt = (time: string): string =>
  `2026-11-23 10:00:${time} UTC [41] kv@kv ERROR:  relation "kv" does not exist`;

describe('times whose fractions are all zero', () => {
  it('are whole seconds, as a shipper prints them that keeps no more', () => {
    const times = ['01.000', '01.000', '02.000', '04.000', '05.000', '05.000'];
    expect(precisionsOf(times.map(entryAt))).toEqual(times.map(() => 'second'));
  });

  it.each([1, 2, 5])('are so however the log comes in: %d lines at a time', (pieceLines) => {
    const times = ['01.000', '01.000', '02.000', '04.000', '05.000', '05.000'];
    expect(precisionsOf(times.map(entryAt), pieceLines)).toEqual(times.map(() => 'second'));
  });

  it.each([1, 5])('are exact once a fraction was printed: %d lines at a time', (pieceLines) => {
    const times = ['01.000', '02.417', '03.000', '04.000'];
    const exact = 'millisecond';
    expect(precisionsOf(times.map(entryAt), pieceLines)).toEqual(['second', exact, exact, exact]);
  });
});
