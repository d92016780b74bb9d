import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatShare, formatSpan, formatTime } from '../../src/cli/format.ts';
import { EventLines } from '../../src/cli/event-lines.ts';
import { escapeOnOneLine } from '../../src/cli/escape.ts';
import { lineOfEvent } from '../../src/cli/show-event.ts';
import { toEventRow } from '../../src/query/event-row.ts';
import { showLine } from '../../src/cli/show-line.ts';
import { showVerdict } from '../../src/cli/show-verdict.ts';
import { coloured, plain, wantsColour } from '../../src/cli/style.ts';
import { fitWidth, textWidth, wrapLimited, wrapText } from '../../src/cli/text-width.ts';
import type { DenokvErrorEvent, LogEvent, PostgresErrorEvent, Verdict } from '../../src/domain.ts';
import { makeVerdict } from '../query/memory-reader.ts';

const screen = { columns: 80, zone: 'Europe/Rome', style: plain, full: false };

describe('showVerdict', () => {
  test('tells what, why, how sure, by which lines, and what to do', () => {
    const verdict = makeVerdict({
      alternatives: [{ file: 'postgresql.log', line: 470, confidence: 0.02 }],
      root: { cause: 'server_crash', file: 'postgresql.log', line: 440, text: 'LOG:  server process was terminated' },
      coverage: { denokv: 'complete', postgres: 'gap', settled: false },
    });
    expect(showVerdict(verdict, screen)).toEqual([
      '2026-11-23 11:22:05 +01:00  atomic_write got HTTP 500  f_0001aaaa',
      '',
      'why       deadlock (40P01)  certain, 99%',
      '          Two transactions waited for each other and Postgres ended this one.',
      '',
      'denokv    denokv.log:124',
      '          Database error: Database error: db error: ERROR: deadlock detected',
      '',
      'postgres  postgresql.log:456  pid 3121 11:22:05.123 (97%)',
      '          ERROR: deadlock detected DETAIL: Process 3121 waits for ShareLock',
      '          or postgresql.log:470 (2%)',
      '',
      'root      postgresql.log:440  server_crash',
      '          LOG: server process was terminated',
      '',
      'because   + both logs say the same text (same_text 4.2)',
      '',
      'do        Write keys in a fixed order. - Opposite orders lock each other out.',
      '',
      'note      the Postgres log has a gap around this time; provisional: later lines',
      '          may still change this',
      '',
      'more      whyd why f_0001aaaa --full',
    ]);
  });

  test('has the whole id of a request, on a line of its own where the first has no room for it', () => {
    const requestId = 'b7d9a1de-7c1e-4f9a-8b3c-52a1f0e4c6d7';
    const shown = showVerdict(makeVerdict({ requestId }), screen);
    expect(shown[0]).toBe('2026-11-23 11:22:05 +01:00  atomic_write got HTTP 500  f_0001aaaa');
    expect(shown).toContain(`request   ${requestId}`);
    expect(showVerdict(makeVerdict({ requestId }), { ...screen, columns: 120 })[0]).toContain(`request ${requestId}`);
  });

  test('says once that a cause is unknown, and what would tell it', () => {
    const { cause } = makeVerdict();
    const verdict = makeVerdict({
      cause: {
        ...cause,
        id: 'unknown',
        sqlstate: null,
        summary: 'The cause is not known: db error',
        confidence: 0,
        certainty: 'unknown',
      },
      wouldHelp: { do: 'Give whyd the Postgres log of the same time.', why: 'The entry there tells.' },
    });
    const shown = showVerdict(verdict, screen);
    expect(shown).toContain('why       unknown');
    expect(shown).toContain('known if  Give whyd the Postgres log of the same time. - The entry there tells.');
    expect(shown.join('\n')).not.toContain('0%');
    for (const columns of [80, 140]) {
      const line = showLine(verdict, { columns, zone: 'UTC', style: plain, withId: true });
      expect(line.match(/unknown/g)).toHaveLength(1);
    }
  });

  test('says that no entry belongs to it, and that more is to be had', () => {
    const evidence = Array.from({ length: 5 }, (_, index) => ({
      rule: 'r',
      weight: -index,
      says: `says ${String(index)}`,
    }));
    const shown = showVerdict(makeVerdict({ postgres: null, operation: null, at: null, evidence }), screen).join('\n');
    expect(shown).toContain('-  a request got HTTP 500');
    expect(shown).toContain('no entry of its log belongs to this request');
    expect(shown).toContain('because   - says 4 (r -4.0)');
    expect(shown).not.toContain('says 1');
    expect(shown).toContain('more      whyd why f_0001aaaa --full');
    const full = showVerdict(makeVerdict({ evidence }), { ...screen, full: true }).join('\n');
    expect(full).toContain('says 1');
    expect(full).not.toContain('--full');
  });

  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.lorem({ maxCount: 90 }));
  const anyVerdict: fc.Arbitrary<Verdict> = fc
    .record({
      texts: fc.tuple(text, text, text, text, text),
      many: fc.nat(20),
      parts: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    })
    .map(({ texts: [one, two, three, four, five], many, parts: [hasEntry, hasRoot, isSettled] }) => {
      const base = makeVerdict();
      const entry = base.postgres === null ? null : { ...base.postgres, text: three };
      return makeVerdict({
        requestId: four,
        symptom: { ...base.symptom, text: one, file: five },
        cause: { ...base.cause, summary: two, id: five },
        postgres: hasEntry ? entry : null,
        alternatives: Array.from({ length: many }, () => ({ file: five, line: many, confidence: 0.1 })),
        root: hasRoot ? { cause: one, file: two, line: 1, text: three } : null,
        evidence: Array.from({ length: many }, () => ({ rule: one, weight: 1, says: four })),
        remedies: Array.from({ length: many }, () => ({ do: two, why: three })),
        coverage: { denokv: 'absent', postgres: 'behind', settled: isSettled },
      });
    });

  test('fits a screen of 80 x 24 whatever it says', () => {
    fc.assert(
      fc.property(anyVerdict, fc.constantFrom(80, 100), (verdict, columns) => {
        const lines = showVerdict(verdict, { ...screen, columns });
        expect(lines.length).toBeLessThanOrEqual(23);
        for (const line of lines) {
          expect(textWidth(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        }
      }),
    );
  });

  test('full output is bounded in width too', () => {
    fc.assert(
      fc.property(anyVerdict, (verdict) => {
        for (const line of showVerdict(verdict, { ...screen, full: true })) {
          expect(textWidth(line)).toBeLessThanOrEqual(80);
        }
      }),
    );
  });
});

describe('showLine', () => {
  test('is one line with time, operation, cause, certainty and reason', () => {
    const verdict = makeVerdict();
    expect(showLine(verdict, { columns: Infinity, zone: 'UTC', style: plain })).toBe(
      '2026-11-23 10:22:05 atomic_write  deadlock           certain  Two transactions waited for each other and Postgres ended this one.',
    );
    expect(showLine(verdict, { columns: 70, zone: 'UTC', style: plain, withId: true })).toBe(
      'f_0001aaaa 11-23 10:22:05 write deadlock                  certain',
    );
  });

  test('colours do not count as columns', () => {
    const line = showLine(makeVerdict(), { columns: 80, zone: 'UTC', style: coloured });
    expect(line).toContain('\x1b[32mcertain \x1b[39m');
    expect(textWidth(line.replace(/\x1b\[\d+m/g, ''))).toBe(80);
  });
});

test('colour is for terminals that want it', () => {
  expect(wantsColour(true, {}, [])).toBe(true);
  expect(wantsColour(false, {}, [])).toBe(false);
  expect(wantsColour(true, { NO_COLOR: '1' }, [])).toBe(false);
  expect(wantsColour(true, { NO_COLOR: '' }, [])).toBe(true);
  expect(wantsColour(true, { TERM: 'dumb' }, [])).toBe(false);
  expect(wantsColour(true, {}, ['why', '--no-color'])).toBe(false);
});

describe('events', () => {
  const citation = { fileId: 0, file: 'a.log', line: 7, lines: 2, byteStart: 0, byteEnd: 10 };
  const at = {
    us: Date.parse('2026-11-23T10:22:05.123Z') * 1_000 + 456,
    precision: 'microsecond',
    zone: 'read',
  } as const;
  const postgres: PostgresErrorEvent = {
    kind: 'postgres_error',
    at,
    citation,
    format: 'postgres_csv',
    severity: 'ERROR',
    pid: 12,
    session: 's.1',
    user: 'kv',
    database: 'kvdb',
    application: null,
    client: '127.0.0.1(5)',
    backendType: 'client backend',
    sqlstate: '40P01',
    message: 'deadlock detected',
    detail: 'Process 1\nwaits',
    hint: null,
    context: null,
    statement: 'SELECT 1',
    durationMs: null,
  };
  const denokv: DenokvErrorEvent = {
    kind: 'denokv_error',
    at: null,
    citation,
    format: 'denokv',
    text: 'Database error: db error: ERROR: x',
    body: { kind: 'server', error: { severity: 'ERROR', message: 'x', detail: 'd', hint: null } },
    connecting: false,
    operation: null,
  };
  const keys =
    'file line lines format kind at atPrecision severity pid session user database application client sqlstate message detail hint context statement durationMs';

  test('have exactly the fields of the contract, absent ones null', () => {
    for (const event of [postgres, denokv]) expect(Object.keys(toEventRow(event)).join(' ')).toBe(keys);
    expect(toEventRow(postgres)).toMatchObject({ at: '2026-11-23T10:22:05.123456Z', pid: 12, client: '127.0.0.1(5)' });
    expect(toEventRow(denokv)).toMatchObject({
      at: null,
      severity: 'ERROR',
      message: denokv.text,
      detail: 'd',
      pid: null,
    });
    expect(
      toEventRow({ kind: 'gap', at: null, citation, format: 'denokv', reason: 'rotated away', bytesLost: 5 }),
    ).toMatchObject({
      kind: 'gap',
      message: 'rotated away',
      severity: null,
    });
  });

  function linesOf(events: readonly LogEvent[], columns = Infinity): string[] {
    const lines = new EventLines({ json: false, columns });
    for (const event of events) lines.add(event);
    return Buffer.from(lines.take()).toString('utf8').split('\n').slice(0, -1);
  }

  test('are one line for people', () => {
    expect(linesOf([postgres])).toEqual([
      '2026-11-23T10:22:05.123456Z a.log:7 postgres_error ERROR [12] 40P01 deadlock detected DETAIL: Process 1 waits STATEMENT: SELECT 1',
    ]);
    expect(linesOf([postgres], 60).map(textWidth)).toEqual([60]);
  });

  test('are escaped and folded as bytes the way a string would be', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(' ', '\n', '\t', 'a', 'ü') }),
      fc.constantFrom('', 'deadlock detected', 'SELECT 1\n  FROM t', 'x'.repeat(60)),
    );
    const some = fc.option(text);
    const event = fc.record({
      us: fc.option(
        fc.integer({ min: -2e9, max: 9e9 }).chain((second) => fc.nat(999_999).map((us) => second * 1e6 + us)),
      ),
      file: fc.oneof(fc.constant('a.log'), text),
      line: fc.oneof(fc.nat(), fc.maxSafeNat()),
      severity: fc.constantFrom('ERROR' as const, 'FATAL' as const),
      pid: fc.option(fc.oneof(fc.nat(), fc.maxSafeInteger(), fc.constant(Number.NaN))),
      sqlstate: some,
      message: text,
      detail: some,
      statement: some,
    });
    fc.assert(
      fc.property(fc.array(event), (drawn) => {
        const events = drawn.map(({ us, file, line, ...fields }) => ({
          ...postgres,
          ...fields,
          at: us === null ? null : { us, precision: 'microsecond' as const, zone: 'read' as const },
          citation: { ...citation, file, line },
        }));
        expect(linesOf(events)).toEqual(events.map((one) => escapeOnOneLine(lineOfEvent(one))));
      }),
    );
  });

  test('grow their room for a log of long lines', () => {
    const long = { ...postgres, message: 'é'.repeat(400_000) };
    expect(linesOf([long, postgres, long]).map((line) => line.length)).toEqual([400_112, 129, 400_112]);
  });
});

test('text is measured and cut as terminals draw it', () => {
  expect(textWidth('日本e\u0301')).toBe(5);
  expect(fitWidth('日本語', 5)).toBe('日本…');
  expect(fitWidth('abc', 3)).toBe('abc');
  expect(fitWidth('abc', 0)).toBe('');
  expect(wrapText('aaa bbb ccccccccccccc', 8)).toEqual(['aaa bbb', 'cccccccc', 'ccccc']);
  expect(wrapLimited('aaa bbb ccc ddd eee', 8, 2)).toEqual(['aaa bbb', 'ccc ddd…']);
  expect(wrapText('', 8)).toEqual([]);
});

test('figures for people', () => {
  expect([1, 0.999, 0.97, 0.29, 0.001, 0].map(formatShare)).toEqual(['100%', '99%', '97%', '29%', '<1%', '0%']);
  expect([0, 999, 12_000, 200_000, 18_120_000, 273_600_000, 60_000].map(formatSpan)).toEqual([
    '0 ms',
    '999 ms',
    '12 s',
    '3 min 20 s',
    '5 h 2 min',
    '3 d 4 h',
    '1 min',
  ]);
  expect(formatTime('2026-11-23T10:22:05.120Z', 'millisecond', 'UTC')).toBe('2026-11-23 10:22:05.120');
  expect([formatTime(null, null, 'UTC'), formatTime('x', null, 'UTC')]).toEqual(['-', '-']);
});
