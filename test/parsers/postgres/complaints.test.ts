import { describe, expect, it } from 'vitest';
import { parsePostgres, parseText } from './parse-text.ts';

/** What users of log analysers complain about most, each as the log that made them. */
const AT = '2026-11-23 05:00:00.000 UTC';
const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

describe('complaints of the field', () => {
  it.each([
    ['user=%u,db=%d,time=%t ', `user=alice,db=kv,time=2026-11-23 05:00:00 UTC `],
    ['< %m >', `< ${AT} >`],
    ['%t ', '2026-11-23 05:00:00 UTC '],
    ['', ''],
    ['%p ', '4711 '],
  ])('1: any prefix is read, and is said: %j', (linePrefix, prefix) => {
    const log = lines(
      ...Array.from({ length: 4 }, () => [
        `${prefix}ERROR:  division by zero`,
        `${prefix}STATEMENT:  SELECT 1/0`,
      ]).flat(),
    );
    const { events, linePrefix: found } = parseText(log);
    expect(found).toBe(linePrefix);
    expect(events).toMatchObject(Array.from({ length: 4 }, () => ({ severity: 'ERROR', statement: 'SELECT 1/0' })));
  });

  it('2: %q hides names, not lines: autovacuum does not vanish', () => {
    const log = lines(
      `${AT} [7] alice@kv ERROR:  division by zero`,
      `${AT} [9] LOG:  automatic vacuum of table "kv.public.t": index scans: 0`,
      `${AT} [8] bob@kv ERROR:  division by zero`,
      `${AT} [9] ERROR:  canceling autovacuum task`,
      `${AT} [9] CONTEXT:  automatic vacuum of table "kv.public.t"`,
    );
    const { events, linePrefix } = parseText(log);
    expect(linePrefix).toBe('%m [%p] %q%u@%d ');
    expect(events).toMatchObject([
      { user: 'alice' },
      { user: null, pid: 9 },
      { user: 'bob' },
      { user: null, message: 'canceling autovacuum task', context: 'automatic vacuum of table "kv.public.t"' },
    ]);
  });

  it('3: verbose errors give their SQLSTATE, and LOCATION and BACKTRACE begin nothing', () => {
    const log = lines(
      `${AT} [7] ERROR:  42601: syntax error at or near "x" at character 8`,
      `${AT} [7] LOCATION:  scanner_yyerror, scan.l:1176`,
      `${AT} [7] BACKTRACE:  `,
      '\tpostgres: alice kv [local] SELECT(errstart+0x1) [0x55]',
      `${AT} [7] STATEMENT:  SELECT x y z`,
      `${AT} [1] LOG:  00000: checkpoint starting: time`,
      `${AT} [1] LOCATION:  LogCheckpointStart, xlog.c:6088`,
    );
    expect(parsePostgres(log)).toMatchObject([
      { sqlstate: '42601', message: 'syntax error at or near "x"', statement: 'SELECT x y z' },
      { sqlstate: '00000', message: 'checkpoint starting: time' },
    ]);
  });

  it('3: a message may begin with five letters and a colon of its own', () => {
    const log = lines(`${AT} [7] ERROR:  HOUSE: no such house`, `${AT} [7] ERROR:  ABCDE: what`);
    expect(parsePostgres(log)).toMatchObject([{ sqlstate: null, message: 'HOUSE: no such house' }, { sqlstate: null }]);
  });

  it('4: blank lines, dates and labels inside SQL are its text', () => {
    const statement = 'SELECT 1\n\n2026-11-23 05:00:00.000 UTC [7] ERROR:  not one\n  -- indented\nERROR:  nor this';
    const log = lines(
      `${AT} [7] ERROR:  division by zero`,
      `${AT} [7] STATEMENT:  ${statement.replaceAll('\n', '\n\t')}`,
      `${AT} [8] ERROR:  another`,
    );
    expect(parsePostgres(log)).toMatchObject([{ message: 'division by zero', statement }, { message: 'another' }]);
  });

  it('5: a STATEMENT goes to the error of its own backend', () => {
    const log = lines(
      `${AT} [7] ERROR:  of seven`,
      `${AT} [8] ERROR:  of eight`,
      `${AT} [8] STATEMENT:  SELECT 8`,
      `${AT} [9] LOG:  checkpoint starting: time`,
      `${AT} [7] STATEMENT:  SELECT 7`,
    );
    expect(parsePostgres(log)).toMatchObject([
      { statement: 'SELECT 7' },
      { statement: 'SELECT 8' },
      { statement: null },
    ]);
  });

  it.each([
    ['%m [%p] app=%a ', (app: string) => `${AT} [7] app=${app} `],
    ['%m [%p] [%a] ', (app: string) => `${AT} [7] [${app}] `],
    ['%m [%p] user=%u,app=%a,client=%h ', (app: string) => `${AT} [7] user=alice,app=${app},client=10.0.0.7 `],
    ['%a %m [%p] ', (app: string) => `${app} ${AT} [7] `],
  ])('6: an application name forges no severity: %j', (linePrefix, prefixOf) => {
    const forged = ['x LOG:  fake', 'my app [x] LOG:  statement: fake', 'ERROR:  fake', 'a] FATAL:  fake'];
    const honest = Array.from({ length: 6 }, (_, index) => [
      `${prefixOf(`app${String(index)}`)}LOG:  checkpoint starting: time`,
    ]).flat();
    const attacks = forged.map((app) => `${prefixOf(app)}ERROR:  division by zero`);
    const log = lines(...honest, ...attacks);
    const told = parsePostgres(log, { linePrefix }).slice(honest.length);
    expect(told).toMatchObject(
      forged.map((application) => ({ application, severity: 'ERROR', message: 'division by zero' })),
    );
    // Whose name a lone one is, nothing in the log says; what the entry is must be right all the same.
    const found = parsePostgres(log).slice(honest.length);
    expect(found).toMatchObject(forged.map(() => ({ severity: 'ERROR', message: 'division by zero', pid: 7 })));
  });

  it('7: no label is lost to the language', () => {
    const log = lines(
      `${AT} [7] FEHLER:  Division durch Null`,
      `${AT} [7] ANWEISUNG:  SELECT 1/0`,
      `${AT} [8] ERROR:  リレーションは存在しません(15文字目)`,
      `${AT} [8] 文:  SELECT 2`,
    );
    expect(parsePostgres(log)).toMatchObject([
      { severity: 'ERROR', statement: 'SELECT 1/0' },
      { severity: 'ERROR', message: 'リレーションは存在しません', statement: 'SELECT 2' },
    ]);
  });

  it('8: offsets are exact, an abbreviation is only inferred, and a setting outweighs both', () => {
    const at = (zone: string, timezone?: string) => {
      const log = lines(`2026-11-23 12:00:00 ${zone} [7] ERROR:  x`, `2026-11-23 12:00:01 ${zone} [7] ERROR:  x`);
      return parsePostgres(log, timezone === undefined ? {} : { timezone })[0]?.at;
    };
    const noonUs = Date.UTC(2026, 10, 23, 12) * 1000;
    expect(at('+0545')).toEqual({ us: noonUs - 345 * 60_000_000, precision: 'second', zone: 'read' });
    expect(at('-03')).toEqual({ us: noonUs + 180 * 60_000_000, precision: 'second', zone: 'read' });
    expect(at('GMT')).toMatchObject({ us: noonUs, zone: 'inferred' });
    expect(at('GMT', '-03:00')).toMatchObject({ us: noonUs + 180 * 60_000_000, zone: 'configured' });
  });

  it('9: a csvlog record that was cut swallows no successor', () => {
    const record = (pid: number, statement: string): string =>
      `${AT},"alice","kv",${String(pid)},"10.0.0.7:5432",6a.7,1,"SELECT",2026-11-23 05:00:00 UTC,3/4,0,ERROR,22012,"division by zero",,,,,,"${statement}",,,"psql","client backend",,0\n`;
    const cut = record(8, 'SELECT 1').slice(0, -40);
    const log = `${record(7, 'SELECT\n1')}${cut}\n${record(9, 'SELECT "" 1')}`;
    expect(parsePostgres(log).map(({ pid }) => pid)).toEqual([7, 8, 9]);
  });

  it('12: a torn write costs no more than what it hit', () => {
    const record =
      '{"timestamp":"2026-11-23 05:00:00.000 UTC","pid":7,"error_severity":"ERROR","state_code":"22012","message":"division by zero"}';
    const { events, counts } = parseText(lines(record, ` 8 s; syn${record}`, record));
    expect(events).toHaveLength(3);
    expect(counts.unrecognised).toBe(1);
  });
});
