import { appendFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Chunk, LogEvent } from '../../src/domain.ts';
import { LogParser } from '../../src/parsers/log-parser.ts';
import { createZoneResolver } from '../../src/time/zone.ts';
import { Bench } from './bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

afterEach(() => {
  bench.close();
});

const ENTRY = '2026-11-23 10:00:00.000 UTC [1] a@b ';

function parserOf(file: string): LogParser {
  return new LogParser({
    fileId: 1,
    file,
    hints: { kind: null, linePrefix: null },
    zones: createZoneResolver(null),
    keepStatements: false,
    linesBefore: 0,
  });
}

/** Parses a text in two pieces, cut at `cut`. */
function parseCut(bytes: Buffer, cut: number): readonly LogEvent[] {
  const parser = parserOf('x.log');
  const chunk = (byteStart: number, piece: Buffer): Chunk => ({
    fileId: 1,
    byteStart,
    bytes: piece,
    startsGeneration: byteStart === 0,
  });
  return [
    ...parser.push(chunk(0, bytes.subarray(0, cut))),
    ...parser.push(chunk(cut, bytes.subarray(cut))),
    ...parser.end(),
  ];
}

describe('content', () => {
  test('fault 14: a partial line across a restart is read once, whole', async () => {
    bench.create('1\nhalf a');
    await bench.settle();
    bench.restart();
    await bench.settle();
    bench.append(' line\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1', 'half a line']);
    expect(bench.ledger.repeats).toBe(0);
  });

  test('fault 17: UTF-8 and CRLF, cut at every byte', async () => {
    const text = Buffer.from('één\r\ntwo — 二\r\n😀\r\n');
    for (let cut = 0; cut <= text.length; cut += 1) {
      const one = new Bench();
      try {
        one.create('');
        appendFileSync(one.path(), text.subarray(0, cut));
        await one.look();
        if (cut % 3 === 0) one.restart();
        appendFileSync(one.path(), text.subarray(cut));
        await one.settle();
        expect(one.ledger.lines).toEqual(['één\r', 'two — 二\r', '😀\r']);
      } finally {
        one.close();
      }
    }
    const entry = Buffer.from(`${ENTRY}ERROR:  Tür “ä” 二\r\n${ENTRY}STATEMENT:  SELECT '😀'\r\n`);
    const whole = JSON.stringify(parseCut(entry, 0));
    expect(whole).toContain('Tür “ä” 二');
    for (let cut = 1; cut < entry.length; cut += 1) expect(JSON.stringify(parseCut(entry, cut))).toBe(whole);
  });

  test('fault 18: a line of 10 MiB without an end is capped, counted, and the next line is read', () => {
    const parser = parserOf('x.log');
    const events: LogEvent[] = [];
    let byteStart = 0;
    const push = (bytes: Buffer): void => {
      events.push(...parser.push({ fileId: 1, byteStart, bytes, startsGeneration: byteStart === 0 }));
      byteStart += bytes.length;
    };
    push(Buffer.from(`${ENTRY}ERROR:  before\n${ENTRY}ERROR:  long `));
    for (let piece = 0; piece < 40; piece += 1) push(Buffer.alloc(256 * 1024, 'x'));
    push(Buffer.from(`\n${ENTRY}ERROR:  after\n`));
    events.push(...parser.end());
    expect(events.map((event) => 'message' in event && event.message.slice(0, 6))).toEqual([
      'before',
      'long x',
      'after',
    ]);
    expect(parser.counts.truncated).toBe(1);
    expect(events.at(-1)?.citation).toMatchObject({ line: 3, byteEnd: byteStart });
  });

  test('fault 19: NULs and bytes that are no UTF-8 spoil no other line', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${ENTRY}ERROR:  one\n`),
      Buffer.from([0, 0, 0xff, 0xfe, 0x80, 10]),
      Buffer.from(`${ENTRY}ERROR:  tw\0o \xff\n`, 'latin1'),
      Buffer.from(`${ENTRY}ERROR:  three\n`),
    ]);
    const events = parseCut(bytes, 40);
    expect(events.map((event) => 'message' in event && event.message)).toEqual(['one', 'tw\0o �', 'three']);
    expect(events.map(({ citation }) => citation.line)).toEqual([1, 3, 4]);
  });

  test('fault 21: an empty file is followed from its first byte', async () => {
    bench.create('');
    await bench.settle();
    expect(bench.status()).toMatchObject({ state: 'following', offset: 0, sizeBytes: 0 });
    bench.restart();
    await bench.settle();
    bench.append('1\n');
    await bench.settle();
    expect(bench.ledger.lines).toEqual(['1']);
    expect(bench.ledger.gaps).toEqual([]);
  });

  test('fault 26: the sections of interleaved backends find their entries', () => {
    const at = (pid: number): string => `2026-11-23 10:00:00.000 UTC [${String(pid)}] a@b `;
    const text = [
      `${at(1)}ERROR:  one`,
      `${at(2)}ERROR:  two`,
      `${at(1)}DETAIL:  of one`,
      `${at(2)}DETAIL:  of two`,
      `${at(2)}STATEMENT:  SELECT 2`,
      `${at(1)}STATEMENT:  SELECT`,
      '\t1',
      '',
    ].join('\n');
    const events = parseCut(Buffer.from(text), 90);
    expect(events.map((event) => 'message' in event && [event.message, event.detail, event.statement])).toEqual([
      ['one', 'of one', 'SELECT\n1'],
      ['two', 'of two', 'SELECT 2'],
    ]);
  });

  test('fault 31: the last event of a log that falls silent is handed out by a flush, once more when it grows', () => {
    const parser = parserOf('x.log');
    const first = Buffer.from(`${ENTRY}ERROR:  last\n`);
    const messages = parser.push({ fileId: 1, byteStart: 0, bytes: first, startsGeneration: true });
    messages.push(...parser.flush());
    expect(messages).toMatchObject([{ message: 'last', detail: null }]);
    const later = Buffer.from(`${ENTRY}DETAIL:  late\n`);
    const more = [
      ...parser.push({ fileId: 1, byteStart: first.length, bytes: later, startsGeneration: false }),
      ...parser.end(),
    ];
    expect(more).toMatchObject([{ message: 'last', detail: 'late', citation: { byteStart: 0 } }]);
  });

  test('fault 35: a clock that steps back, or a summer time that ends, takes no entry away', () => {
    const text = [
      '2026-10-25 02:59:59.000 CEST [1] a@b ERROR:  before',
      '2026-10-25 02:00:01.000 CET [1] a@b ERROR:  after',
      '2026-10-25 01:00:00.000 CET [1] a@b ERROR:  stepped back',
      '',
    ].join('\n');
    const events = parseCut(Buffer.from(text), 0);
    expect(events.map((event) => 'message' in event && event.message)).toEqual(['before', 'after', 'stepped back']);
    const [before, after] = events.map(({ at }) => at?.us ?? 0);
    expect((after ?? 0) - (before ?? 0)).toBe(2_000_000);
  });

  test('fault 37: pieces of a CRI line, interleaved over stdout and stderr', () => {
    const at = (second: number): string => `2026-11-23T10:00:0${String(second)}.000000000Z`;
    const text = [
      `${at(0)} stderr P ${ENTRY}ERROR:  in `,
      `${at(1)} stdout F something else`,
      `${at(2)} stderr F two pieces`,
      `${at(3)} stderr F ${ENTRY}ERROR:  in one`,
      '',
    ].join('\n');
    const events = parseCut(Buffer.from(text), 75);
    expect(events.flatMap((event) => (event.kind === 'postgres_error' ? [event.message] : []))).toEqual([
      'in two pieces',
      'in one',
    ]);
  });
});
