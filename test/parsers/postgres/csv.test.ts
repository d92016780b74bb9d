import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PostgresEvent } from '../../../src/domain.ts';
import { parsePostgres, parseText } from './parse-text.ts';
import { renderCsv, type Entry } from './render.ts';
import { HARD_NAMES, logOf } from './sessions.ts';

function expectedCsv(entry: Entry): object {
  const { backend, message, detail, hint, context, statement } = entry;
  const isSession = backend.user !== null;
  return {
    pid: backend.pid,
    user: backend.user,
    database: isSession ? backend.database : null,
    client: isSession ? backend.host : null,
    sqlstate: entry.sqlstate,
    severity: entry.severity,
    message,
    detail: detail ?? null,
    hint: hint ?? null,
    context: context ?? null,
    statement: statement ?? null,
  };
}

const [one = '', two = '', three = ''] = fc
  .sample(logOf(HARD_NAMES, { minEntries: 3, maxEntries: 3 }), { numRuns: 1, seed: 8 })
  .flatMap((entries) =>
    renderCsv(
      entries.map((entry, index) => ({
        ...entry,
        severity: 'ERROR',
        message: `number ${String(index)}`,
        statement: 'SELECT\n1',
      })),
    ),
  );

const messagesOf = (events: readonly PostgresEvent[]): string[] => events.map(({ message }) => message);

describe('csvlog', () => {
  it.each([23, 24, 26] as const)('of %i columns gives back what was written', (columns) => {
    fc.assert(
      fc.property(logOf(HARD_NAMES), fc.array(fc.nat(8000), { maxLength: 4 }), (entries, cuts) => {
        const events = parsePostgres(renderCsv(entries, columns).join(''), { cuts });
        expect(events).toMatchObject(entries.map(expectedCsv));
        expect(events.map(({ at }) => at?.us)).toEqual(entries.map(({ atMs }) => atMs * 1000));
        expect(events.every(({ backendType }) => (backendType === null) === columns < 24)).toBe(true);
      }),
      { numRuns: 25, seed: 4 },
    );
  });

  it('is read when every column is quoted', () => {
    const row = [
      '2026-11-23 05:00:00.000 UTC',
      'alice',
      'kv',
      '7',
      '10.0.0.7:5432',
      '6a.7',
      '1',
      'SELECT',
      '2026-11-23 05:00:00 UTC',
      '3/4',
      '0',
      'ERROR',
      '22012',
      'division by zero',
    ];
    const line = `${[...row, ...Array.from({ length: 12 }, () => '')].map((value) => `"${value}"`).join(',')}\n`;
    expect(parsePostgres(line.repeat(3))).toMatchObject(
      Array.from({ length: 3 }, () => ({
        pid: 7,
        user: 'alice',
        client: '10.0.0.7',
        severity: 'ERROR',
        sqlstate: '22012',
      })),
    );
  });

  it('finds the next record behind one that was cut inside its quotes', () => {
    const cut = two.slice(0, two.indexOf('SELECT\n1') + 4);
    expect(messagesOf(parsePostgres(`${one}${cut}\n${three}${one}`))).toEqual([
      'number 0',
      'number 1',
      'number 2',
      'number 0',
    ]);
    // Glued on without a line end between them.
    expect(messagesOf(parsePostgres(`${one}${cut}${three}${one}`))).toEqual([
      'number 0',
      'number 1',
      'number 2',
      'number 0',
    ]);
  });

  it('takes a record that was cut before its severity for nothing', () => {
    const cut = two.slice(0, 60);
    const { events, counts } = parseText(`${one}${cut}\n${three}`);
    expect(events).toHaveLength(2);
    expect(counts.unrecognised).toBe(1);
  });

  it('takes a severity of which no letter is left for an error, unless the SQLSTATE says that it is none', () => {
    const log = one.replace(/,ERROR,\w{5},/, ',????,53300,') + two.replace(/,ERROR,\w{5},/, ',??,00000,');
    expect(parsePostgres(log).map(({ severity }) => severity)).toEqual(['ERROR', 'LOG']);
  });

  it('normalises the severity of a localised server, and takes an unknown one for an error', () => {
    const log = [
      one.replace(',ERROR,', ',ПРЕДУПРЕЖДЕНИЕ,'),
      two.replace(',ERROR,', ',FATALE,'),
      three.replace(',ERROR,', ',שגיאה,'),
    ].join('');
    expect(parsePostgres(log).map(({ severity }) => severity)).toEqual(['WARNING', 'FATAL', 'ERROR']);
  });
});
