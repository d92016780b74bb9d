import { describe, expect, it } from 'vitest';
import { contentOf, parseBytes, readFixture } from './parse-bytes.ts';

// What breaks log analysers in the field, as far as it concerns wrappings, streams and times; the numbers are those of the list that was collected.

const at = (iso: string): number => Date.parse(iso) * 1000;

describe('4: continuation lines are no events, and events no continuations', () => {
  it('keeps a dated line inside SQL in its statement, in a wrapping too', () => {
    const lines = [
      '2026-11-23 05:43:22.001 UTC [7] ERROR:  syntax error',
      '2026-11-23 05:43:22.001 UTC [7] STATEMENT:  SELECT 1',
      '\t2026-11-23 05:43:22.001 UTC [7] LOG:  no entry',
      '\t',
      '\tFROM t',
    ];
    const wrapped = lines.map((line) =>
      JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: '2026-11-23T05:43:22.1Z' }),
    );
    for (const log of [lines, wrapped]) {
      expect(parseBytes(`${log.join('\n')}\n`).events).toMatchObject([
        { statement: 'SELECT 1\n2026-11-23 05:43:22.001 UTC [7] LOG:  no entry\n\nFROM t' },
      ]);
    }
  });
});

describe('8: time zones', () => {
  it.each([
    ['an offset is exact', '+07', null, '2026-11-22T22:43:22.001Z', 'read'],
    ['POSIX GMT+3 prints GMT: inferred', 'GMT', null, '2026-11-23T05:43:22.001Z', 'inferred'],
    ['EST is winter time', 'EST', null, '2026-11-23T10:43:22.001Z', 'inferred'],
    ['IST is not guessed', 'IST', null, '2026-11-23T05:43:22.001Z', 'inferred'],
    ['a setting goes above all', 'IST', 'Asia/Kolkata', '2026-11-23T00:13:22.001Z', 'configured'],
  ])('%s', (_, label, timezone, expected, zone) => {
    const log = `2026-11-23 05:43:22.001 ${label} [7] LOG:  one\n2026-11-23 05:43:22.001 ${label} [8] ERROR:  two\n`;
    const { events } = parseBytes(log, timezone === null ? {} : { timezone });
    expect(events[1]).toMatchObject({ at: { us: at(expected), zone } });
  });
});

describe('10: containers cut and wrap lines', () => {
  it('joins 16 KiB pieces of docker and P pieces of CRI', () => {
    const message = `db error: ERROR: ${'long '.repeat(8000)}end`;
    const line = `[2026-11-23T05:43:22Z ERROR denokv] Database error: ${message}`;
    const pieces = line.match(/[^]{1,16384}/g) ?? [];
    const docker = pieces.map((piece, i) =>
      JSON.stringify({
        log: i === pieces.length - 1 ? `${piece}\n` : piece,
        stream: 'stderr',
        time: '2026-11-23T05:43:22.5Z',
      }),
    );
    const cri = pieces.map(
      (piece, i) => `2026-11-23T05:43:22.5Z stderr ${i === pieces.length - 1 ? 'F' : 'P'} ${piece}`,
    );
    expect(pieces.length).toBeGreaterThan(2);
    for (const log of [docker, cri]) {
      expect(parseBytes(`${log.join('\n')}\n`).events).toMatchObject([
        { text: message, citation: { line: 1, byteStart: 0 } },
      ]);
    }
  });

  it('gives up a piece whose rest never came', () => {
    const log = '2026-11-23T05:43:22.5Z stderr P [2026-11-23T05:43:22Z ERROR denokv] Database error: cut he\n';
    expect(parseBytes(log).events).toMatchObject([{ text: 'cut he' }]);
  });
});

describe('11: the wrong stream mixed in', () => {
  it('neither ends nor extends an entry of another writer', () => {
    const log =
      '2026-11-23 05:43:22.001 UTC [7] ERROR:  one\n' +
      '{"time":"2026-11-23T05:43:22Z","level":"INFO","message":"no action. I am the leader"}\n' +
      '2026-11-23 05:43:22.001 UTC [7] STATEMENT:  SELECT 1\n';
    const { events, parser } = parseBytes(log);
    expect(events).toMatchObject([{ message: 'one', statement: 'SELECT 1' }]);
    expect(parser.counts).toMatchObject({
      unrecognised: 1,
      example: expect.stringContaining('I am the leader') as string,
    });
  });

  it('keeps the lines of another unit in one journal apart', () => {
    const record = (unit: string, message: string): string =>
      `${JSON.stringify({ __REALTIME_TIMESTAMP: '1795412602846800', _SYSTEMD_UNIT: unit, SYSLOG_IDENTIFIER: unit, MESSAGE: message })}\n`;
    const log =
      record('denokv.service', '[2026-11-23T05:43:22Z ERROR denokv] Database error: db error: ERROR: x') +
      record('cron.service', '    DETAIL: of somebody else') +
      record('denokv.service', '    DETAIL: mine');
    const { events, parser } = parseBytes(log);
    expect(events).toMatchObject([{ body: { error: { message: 'x', detail: 'mine' } } }]);
    expect(parser.foreign).toEqual({ lines: 1, services: ['cron.service/cron.service'] });
  });

  it('passes over the own words of the tool that printed a journal', () => {
    const log =
      '-- Boot 0d9e6a1f3c5b4728a1e0c9b8d7f60512 --\nNov 23 05:43:22 host denokv[9]: [2026-11-23T05:43:22Z ERROR denokv] Database error: db error\n' +
      'Nov 23 05:43:22 host denokv[9]: [75B blob data]\n';
    const { events, parser } = parseBytes(log);
    expect(events).toMatchObject([{ text: 'db error' }]);
    expect(parser.counts.unrecognised).toBe(1);
  });
});

describe('13: syslog', () => {
  it('reads an ident without a pid, rsyslog without blanks, and a stamp without a year', () => {
    const log =
      'Dec 31 23:59:59 db postgresql-11: [3-1] LOG:  one\n' +
      'Dec 31 23:59:59 db postgresql-11: [4-1] ERROR:  relation "x" does not exist\n' +
      'Dec 31 23:59:59 db postgresql-11: [4-2] STATEMENT:  SELECT 1\n' +
      'Dec 31 23:59:59 db postgresql-11: [4-3] FROM x\n' +
      'Jan  1 00:00:01 db postgresql-11: [5-1] LOG:  checkpoint starting: time\n';
    const { events, parser } = parseBytes(log, { referenceMs: Date.parse('2027-01-01T12:00:00Z') });
    expect(events).toMatchObject([
      { message: 'one' },
      {
        at: { us: at('2026-12-31T23:59:59Z'), precision: 'second', zone: 'inferred' },
        message: 'relation "x" does not exist',
        statement: 'SELECT 1\nFROM x',
        citation: { line: 2 },
      },
      { at: { us: at('2027-01-01T00:00:01Z') } },
    ]);
    expect(parser.counts.unrecognised).toBe(0);
  });

  it("takes the year from the log's own dates where nobody says when it was written", () => {
    const log =
      'Nov 23 05:43:22 host denokv[9]: [2026-11-23T05:43:22Z INFO  denokv] Listening on http://x\n' +
      'Nov 23 05:43:23 host denokv[9]: [denokv/postgres] collected 3 expired key(s)\n';
    const { events } = parseBytes(log);
    // The stamp's zone is not known, that of denokv's own line is.
    expect(events[1]).toMatchObject({ at: { us: at('2026-11-23T05:43:22Z'), zone: 'inferred' } });
  });

  it('keeps the parts of two backends apart', () => {
    const log =
      'Nov 23 05:43:22 db postgres[7]: [2-1] ERROR:  one\nNov 23 05:43:22 db postgres[8]: [2-1] ERROR:  two\n' +
      'Nov 23 05:43:22 db postgres[7]: [2-2] STATEMENT:  SELECT\nNov 23 05:43:22 db postgres[8]: [2-2] STATEMENT:  UPDATE\n' +
      'Nov 23 05:43:22 db postgres[7]: [2-3] #0111\nNov 23 05:43:22 db postgres[8]: [2-3] #0112\n';
    expect(parseBytes(log, { referenceMs: Date.parse('2026-11-24') }).events).toMatchObject([
      { message: 'one', statement: 'SELECT\n1' },
      { message: 'two', statement: 'UPDATE\n2' },
    ]);
  });

  it("reads Heroku's logplex", () => {
    const log =
      '2026-11-23T05:43:22.123456+00:00 app[postgres.31]: [DATABASE] [12-1] 2026-11-23 05:43:22 UTC [31]: LOG:  one\n' +
      '2026-11-23T05:43:22.223456+00:00 app[web.1]: GET / 200\n' +
      '2026-11-23T05:43:23.123456+00:00 app[postgres.31]: [DATABASE] [13-1] 2026-11-23 05:43:23 UTC [31]: ERROR:  two\n' +
      '2026-11-23T05:43:23.123456+00:00 app[postgres.31]: [DATABASE] [13-2] 2026-11-23 05:43:23 UTC [31]: STATEMENT:  SELECT 1\n';
    const { events, parser } = parseBytes(log);
    expect(events).toMatchObject([{ message: 'one' }, { message: 'two', statement: 'SELECT 1', pid: 31 }]);
    expect(parser.foreign).toEqual({ lines: 1, services: ['web'] });
  });
});

describe('14: a file that rotation cut in the middle of an entry', () => {
  it('loses that entry only, and says so', () => {
    const log = readFixture('wrapping', 'denokv.log').toString();
    const cut = log.slice(log.indexOf('blocked by process 3121.'));
    const { events, parser } = parseBytes(cut);
    expect(events.map(contentOf).slice(1)).toEqual(parseBytes(log).events.slice(6).map(contentOf));
    expect(parser.counts.unrecognised).toBeGreaterThan(0);
  });
});

describe('15: downloads overlap and are out of order', () => {
  it('hands out each line as it stands, whatever its time', () => {
    const line = (second: number): string => `2026-11-23 05:43:${second} UTC [7] ERROR:  e${second}\n`;
    const events = parseBytes([20, 22, 21, 20, 22].map(line).join('')).events;
    expect(events.map((event) => 'message' in event && event.message)).toEqual(['e20', 'e22', 'e21', 'e20', 'e22']);
  });
});

describe('16: secrets', () => {
  it("takes passwords out of denokv's words and out of a line that nobody knows", () => {
    const log =
      '[2026-11-23T05:43:18Z ERROR denokv] Database error: error connecting to postgresql://kv:hunter2@db/kv\n' +
      '[2026-11-23T05:43:19Z ERROR denokv] Database error: cannot open host=db password=hunter2 user=kv\n';
    const { events } = parseBytes(log);
    expect(events).toHaveLength(2);
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(JSON.stringify(parseBytes('url = postgresql://kv:hunter2@db/kv\n'.repeat(20)))).not.toContain('hunter2');
  });
});

describe('18: the line of a 500 as people quote it', () => {
  it('needs no time', () => {
    expect(parseBytes('[ERROR denokv] Failed to write to database: disk full\n').events).toMatchObject([
      { kind: 'denokv_error', operation: 'atomic_write', at: null },
    ]);
  });

  it('repeats as often as clients retry', () => {
    const pair =
      '[2026-11-23T05:43:22Z ERROR denokv] atomic_write failed: X\n[2026-11-23T05:43:22Z ERROR denokv] Database error: X\n';
    const { events } = parseBytes(pair.repeat(3000), {}, 4096);
    expect(events).toHaveLength(3000);
    expect(events.every((event) => event.kind === 'denokv_error' && event.operation === 'atomic_write')).toBe(true);
  });
});
