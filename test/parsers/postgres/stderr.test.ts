import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retainedBytes } from '../../retained-bytes.ts';
import { expectedOf, foundOf } from './expected.ts';
import { parsePostgres, parseText } from './parse-text.ts';
import { renderStderr } from './render.ts';
import { logOf, PLAIN_NAMES } from './sessions.ts';

const AT = '2026-11-23 05:00:00.000 UTC';
const entry = (pid: number, label: string, text: string): string => `${AT} [${String(pid)}] ${label}:  ${text}\n`;
const GOOD =
  entry(1, 'LOG', 'checkpoint starting: time') +
  entry(7, 'ERROR', 'division by zero') +
  entry(7, 'STATEMENT', 'SELECT 1/0');

describe("a server's stderr log", () => {
  it.each(['%m [%p] ', '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h '])(
    'reads log_error_verbosity = verbose: %j',
    (linePrefix) => {
      fc.assert(
        fc.property(logOf(PLAIN_NAMES), (entries) => {
          const found = parsePostgres(renderStderr(entries, { linePrefix, verbose: true }).join('')).map(foundOf);
          expect(found).toEqual(entries.map((one) => expectedOf(one, linePrefix, true)));
        }),
        { numRuns: 20, seed: 4 },
      );
    },
  );

  it('reads lines that end in CR LF', () => {
    fc.assert(
      fc.property(logOf(PLAIN_NAMES), (entries) => {
        const linePrefix = '%m [%p] ';
        const found = parsePostgres(renderStderr(entries, { linePrefix, newline: '\r\n' }).join('')).map(foundOf);
        expect(found).toEqual(entries.map((one) => expectedOf(one, linePrefix)));
      }),
      { numRuns: 20, seed: 4 },
    );
  });

  it('gives the same events wherever the bytes are cut', () => {
    const log = Buffer.from(
      GOOD + entry(9, 'ERROR', 'größer') + entry(9, 'DETAIL', 'eins\n\tzwei') + entry(1, 'LOG', 'statement: SELECT 1'),
    );
    const whole = parseText(log).events;
    expect(whole).toHaveLength(3);
    for (let at = 0; at <= log.length; at++) expect(parseText(log, { cuts: [at] }).events).toEqual(whole);
    expect(parseText(log, { cuts: Array.from(log, (_, index) => index) }).events).toEqual(whole);
  });

  it('joins sections to their entries when backends interleave', () => {
    const log =
      GOOD +
      entry(7, 'ERROR', 'first') +
      entry(8, 'ERROR', 'second') +
      entry(7, 'DETAIL', 'of the first') +
      entry(8, 'DETAIL', 'of the second') +
      entry(9, 'LOG', 'statement: SELECT 1') +
      entry(7, 'STATEMENT', 'SELECT 7') +
      entry(9, 'DETAIL', 'parameters: none') +
      entry(8, 'STATEMENT', 'SELECT 8');
    const [first, second] = parsePostgres(log).slice(-2);
    expect(first).toMatchObject({ message: 'first', detail: 'of the first', statement: 'SELECT 7' });
    expect(second).toMatchObject({ message: 'second', detail: 'of the second', statement: 'SELECT 8' });
  });

  it('contains a line that another writer tore: the neighbour is whole, the rest is counted', () => {
    const long = 'x'.repeat(5000);
    const log =
      GOOD.repeat(20) +
      `${AT} [7] ERROR:  of a long statement\n${AT} [7] STATEMENT:  SELECT '${long}${AT} [8] FATAL:  sorry, too many clients already\n${long}'\n` +
      entry(9, 'ERROR', 'afterwards');
    const { events, counts } = parseText(log);
    const messages = events.slice(-3).map((event) => ('message' in event ? event.message : ''));
    expect(messages).toEqual(['of a long statement', 'sorry, too many clients already', 'afterwards']);
    expect(events.at(-3)).toMatchObject({ pid: 7, statement: `SELECT '${long}` });
    expect(counts.unrecognised).toBe(1);
  });

  it.each([
    ['%c', '6b0647ff.5f73', { session: '6b0647ff.5f73', at: null }],
    ['%n', '1795573709.739', { at: { us: 1_795_573_709_739_000 } }],
  ])('takes a line longer than a pipe writes at once for one of its own prefix: %s', (_, prefix, expected) => {
    const log = `${prefix} ERROR:  ${'lang '.repeat(1000)}\n${prefix} DETAIL:  d\n${prefix} STATEMENT:  SELECT 1\n`;
    const { events, counts } = parseText(log);
    expect(events).toMatchObject([{ ...expected, detail: 'd', statement: 'SELECT 1' }]);
    expect(counts.unrecognised).toBe(0);
  });

  it('reads what is left of a file that begins in mid-entry, and one that ends so', () => {
    const log = `fragment of a statement\n\tFROM t\n${entry(7, 'STATEMENT', 'SELECT 1')}${GOOD}${entry(8, 'ERROR', 'the last')}${AT} [8] STATEM`;
    const events = parsePostgres(log);
    expect(events.map(({ message }) => message)).toEqual(['checkpoint starting: time', 'division by zero', 'the last']);
  });

  it('keeps the good lines between NULs, invalid UTF-8 and binary garbage', () => {
    const garbage = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7919) % 256));
    const log = Buffer.concat([
      Buffer.from(GOOD),
      Buffer.alloc(5000),
      Buffer.from(`\n${GOOD}`),
      garbage,
      Buffer.from(`\n${GOOD}`),
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]),
      Buffer.from(`${AT} [7] ERROR:  bad \xff\xfe bytes\n`, 'latin1'),
    ]);
    const errors = parsePostgres(log).filter(({ severity }) => severity === 'ERROR');
    expect(errors.map(({ message }) => message)).toEqual([
      'division by zero',
      'division by zero',
      'division by zero',
      'bad \ufffd\ufffd bytes',
    ]);
  });

  it.each([1, 700, 3 << 20])(
    'reads the line behind a hole of %i NULs, which an emptied log has under its writer',
    (nuls) => {
      const hole = '\0'.repeat(nuls);
      const log = `${hole}${entry(7, 'ERROR', 'first')}${entry(7, 'ERROR', 'second')}${hole}${entry(7, 'FATAL', 'third')}`;
      const cuts = [Math.floor(nuls / 2), nuls, nuls + 30];
      for (const options of [{}, { cuts }]) {
        const { events, counts } = parseText(log, options);
        expect(events).toMatchObject([
          { message: 'first', citation: { line: 1, byteStart: nuls } },
          { message: 'second', citation: { line: 2 } },
          { message: 'third', citation: { line: 3, byteEnd: log.length } },
        ]);
        expect(counts).toMatchObject({ lines: 3, unrecognised: 0, truncated: 0 });
      }
    },
  );

  it('passes a line of 100 MB in bounded memory', { timeout: 60_000 }, () => {
    const chunk = Buffer.alloc(1 << 20, 'x');
    let most = 0;
    const log = function* (): Generator<Buffer> {
      yield Buffer.from(`${GOOD}${AT} [7] ERROR:  `);
      const before = retainedBytes();
      for (let piece = 0; piece < 100; piece++) {
        yield chunk;
        if (piece % 10 === 9) most = Math.max(most, retainedBytes() - before);
      }
      yield Buffer.from(`\n${GOOD}`);
    };
    const { events, counts } = parseText(log());
    expect(events).toHaveLength(5);
    expect(counts).toMatchObject({ lines: 7, truncated: 1 });
    expect(most).toBeLessThan(16 << 20);
  });

  it('lets the log go of which an entry is kept', () => {
    const chunk = (at: number): string =>
      Array.from({ length: 100 }, (_, n) => {
        const number = String(at * 100 + n);
        return (
          entry(7, 'ERROR', `value ${number} violates a constraint`) +
          entry(7, 'DETAIL', `Key (id)=(${number}) ${'is not present '.repeat(20)}`)
        );
      }).join('');
    const log = function* (): Generator<Buffer> {
      for (let at = 0; at < 400; at++) yield Buffer.from(chunk(at));
    };
    const before = retainedBytes();
    const kept = parseText(log()).events.filter((_, at) => at % 100 === 0);
    // The log is 17 MB.
    expect(retainedBytes() - before).toBeLessThan(4 << 20);
    expect(kept).toHaveLength(400);
  });

  it('keeps slow statements with their duration and their SQL, and passes over the quick', () => {
    const log =
      GOOD +
      entry(7, 'LOG', 'duration: 499.999 ms  statement: SELECT 1') +
      entry(7, 'LOG', 'duration: 500.000 ms  statement: SELECT 2') +
      entry(7, 'LOG', 'duration: 1234.567 ms  execute s3: \n\tSELECT 3') +
      entry(7, 'DETAIL', "parameters: $1 = '1'") +
      entry(7, 'LOG', 'duration: 0.020 ms  parse s4: SELECT 4') +
      entry(7, 'LOG', 'execute s4: SELECT 4') +
      entry(7, 'DETAIL', "parameters: $1 = '1'");
    const { events, counts } = parseText(log);
    expect(events.slice(2)).toMatchObject([
      { kind: 'postgres_context', durationMs: 500, message: 'duration: 500.000 ms', statement: 'SELECT 2' },
      {
        kind: 'postgres_context',
        durationMs: 1234.567,
        message: 'duration: 1234.567 ms',
        statement: '\nSELECT 3',
        detail: "parameters: $1 = '1'",
      },
    ]);
    expect(counts.statements).toBe(3);
  });

  it('reads a tab that was turned into blanks on the way', () => {
    const log =
      entry(7, 'ERROR', 'deadlock detected') +
      entry(7, 'DETAIL', 'Process 7 waits.\n        Process 8 waits.\n        Process 7:\n          SELECT 1') +
      entry(7, 'STATEMENT', 'SELECT 1');
    const { events, counts } = parseText(log);
    expect(events).toMatchObject([
      { detail: 'Process 7 waits.\nProcess 8 waits.\nProcess 7:\n  SELECT 1', statement: 'SELECT 1' },
    ]);
    expect(counts.unrecognised).toBe(0);
  });

  it("reads the line that pg_ctl's own words stand before", () => {
    const log =
      'waiting for server to start....' +
      entry(1, 'LOG', 'starting PostgreSQL 15.4') +
      entry(1, 'LOG', 'database system is ready to accept connections') +
      ' done\nserver started\nwaiting for server to shut down...' +
      entry(1, 'LOG', 'received fast shutdown request');
    const { events, counts, linePrefix } = parseText(log);
    expect(linePrefix).toBe('%m [%p] ');
    expect(events).toMatchObject(
      [
        'starting PostgreSQL 15.4',
        'database system is ready to accept connections',
        'received fast shutdown request',
      ].map((message) => ({ pid: 1, message, at: { us: Date.parse('2026-11-23T05:00:00Z') * 1000 } })),
    );
    expect(counts.unrecognised).toBe(2);
  });

  it.each([
    ['ОШИБКА', 'ERROR', 'ПОДРОБНОСТИ', 'ОПЕРАТОР'],
    ['ERREUR', 'ERROR', 'DÉTAIL', 'INSTRUCTION '],
    ['FEHLER', 'ERROR', 'DETAIL', 'ANWEISUNG'],
    ['致命错误', 'FATAL', '详细信息', '语句'],
    ['BŁĄD', 'ERROR', 'SZCZEGÓŁY', 'WYRAŻENIE'],
    ['比致命错误还过分的错误', 'PANIC', '详细信息', '语句'],
  ])('normalises the words of a localised server: %s', (severity, english, detail, statement) => {
    const log = (entry(7, severity, 'x') + entry(7, detail, 'y') + entry(7, statement, 'SELECT 1')).repeat(3);
    expect(parsePostgres(log)).toMatchObject(
      Array.from({ length: 3 }, () => ({ severity: english, detail: 'y', statement: 'SELECT 1' })),
    );
  });

  // Postgres 15 with each lc_messages, started with LC_ALL=C: what it says before a session is in its database.
  it.each([
    ['French', 'LOG', 'FATAL', 'D?TAIL'],
    ['Russian', 'SOOBSHHENIE', 'VAZHNO', 'PODROBNOSTI'],
    ['Ukrainian', 'ZAPISUVANNYA', 'FATAL`NO', 'VIDOMOSTI'],
    ['Czech', 'LOG', 'FAT?LN?', 'DETAIL'],
  ])('knows its labels as a server without a locale prints them: %s', (_, log, fatal, detail) => {
    const text = entry(1, log, 'a') + entry(7, fatal, 'b ?') + entry(7, detail, 'c') + entry(1, log, 'd');
    expect(parsePostgres(text.repeat(3))).toMatchObject(
      Array.from({ length: 3 }, () => [
        { severity: 'LOG' },
        { severity: 'FATAL', message: 'b ?', detail: 'c' },
        { severity: 'LOG' },
      ]).flat(),
    );
  });

  it('takes a word without a letter left for an error, unless it is as short as Chinese for LOG or the SQLSTATE says that it is none', () => {
    const text = GOOD + entry(8, '??', '??=[local]') + entry(8, '????', '?? "x" ???') + entry(9, '????', '00000: ??');
    const { events, counts } = parseText(text);
    expect(events.slice(2)).toMatchObject([
      { severity: 'ERROR', message: '?? "x" ???', pid: 8 },
      { severity: 'LOG', sqlstate: '00000', message: '??', pid: 9 },
    ]);
    expect(counts.unrecognised).toBe(1);
  });

  it('knows its labels in the encoding of the database too', () => {
    const log = Buffer.from((entry(7, 'ERREUR', 'é') + entry(7, 'DÉTAIL', 'à')).repeat(2), 'latin1');
    expect(parsePostgres(log)).toMatchObject([{ severity: 'ERROR', detail: '\ufffd' }, { severity: 'ERROR' }]);
  });

  it.each([
    ['statement: SELECT pg_terminate_backend(4711)', true],
    ['statement: select pg_cancel_backend(pid) FROM pg_stat_activity', true],
    ['duration: 0.400 ms  statement: SELECT pg_terminate_backend(4711)', true],
    ['statement: SELECT pg_table_size(1)', false],
    ['statement: SELECT 1', false],
  ])('keeps a statement that ends sessions, and no other: %s', (message, isKept) => {
    const kinds = parsePostgres(GOOD + entry(7, 'LOG', message)).map(({ kind }) => kind);
    expect(kinds.slice(2)).toEqual(isKept ? ['postgres_context'] : []);
  });

  it('takes a word that it does not know for an error, not for noise', () => {
    const log =
      GOOD + entry(7, 'שגיאה', 'חלוקה באפס') + entry(7, 'פרטים', 'עוד') + entry(8, 'LOG', 'checkpoint starting: time');
    expect(parsePostgres(log).slice(2)).toMatchObject([
      { severity: 'ERROR', message: 'חלוקה באפס', detail: 'עוד', pid: 7 },
      { severity: 'LOG' },
    ]);
  });
});
