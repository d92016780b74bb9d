import { describe, expect, it } from 'vitest';
import { contentOf, newParser, parseBytes, readFixture } from './parse-bytes.ts';
import { RENDERS } from './render-envelopes.ts';

const denokvLog = readFixture('wrapping', 'denokv.log').toString();
const postgresLog = readFixture('wrapping', 'postgresql.log').toString();
const csvLog = readFixture('three-forms', 'edge.csv').toString();
const jsonLog = readFixture('three-forms', 'edge.json').toString();

function linesOf(log: string): { lines: string[]; pid: number }[] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => ({ lines: [line], pid: 1 }));
}

describe('a log whose beginning is not its own', () => {
  it('may be a fragment of an entry', () => {
    const cut = postgresLog.slice(postgresLog.indexOf('blocked by process 3122'));
    const { events, parser } = parseBytes(cut);
    expect(parser.detection).toMatchObject({ format: 'postgres_stderr', linePrefix: '%m [%p] %q%u@%d ' });
    expect(events.map(contentOf)).toEqual(parseBytes(postgresLog).events.slice(-4).map(contentOf));
  });

  it("may be another program's", () => {
    const noise = Array.from({ length: 300 }, (_, i) => `build step ${i} done`).join('\n');
    const { events, parser } = parseBytes(`${noise}\n${denokvLog}`);
    expect(events.map(contentOf)).toEqual(parseBytes(denokvLog).events.map(contentOf));
    expect(parser.counts.unrecognised).toBe(300);
  });

  it('may be more of that than is held back', () => {
    const noise = `${'x'.repeat(99)}\n`.repeat(14_000);
    const { events, parser } = parseBytes(noise + denokvLog.repeat(20), {}, 65_536);
    expect(parser.detection?.kind).toBe('denokv');
    expect(events.length).toBeGreaterThan(100);
    expect(parser.counts.example).toBe('x'.repeat(99));
  });
});

describe('a file that goes on in another form than it began with', () => {
  it.each([
    ['stderr, then csvlog', postgresLog, csvLog],
    ['stderr, then jsonlog', postgresLog, jsonLog],
    ['csvlog, then stderr', csvLog, postgresLog],
    ['denokv, then Postgres', denokvLog, postgresLog],
  ])('%s', (_, first, second) => {
    const { events, parser } = parseBytes(first + second);
    const expected = [...parseBytes(first).events, ...parseBytes(second).events].map(contentOf);
    expect(events.map(contentOf)).toEqual(expected);
    expect(parser.detections).toHaveLength(2);
  });

  it('finds the second form long after the first was decided', () => {
    const { events, parser } = parseBytes(postgresLog.repeat(40) + csvLog.repeat(2), {}, 10_000);
    const found = events.filter(({ format }) => format === 'postgres_csv').length;
    expect(parser.detections.map(({ format }) => format)).toEqual(['postgres_stderr', 'postgres_csv']);
    // The reader of the first form may take the first lines of the second for a changed prefix.
    expect(found / parseBytes(csvLog.repeat(2)).events.length).toBeGreaterThan(0.95);
  });
});

describe('several programs in one stream', () => {
  const denokv =
    RENDERS['docker compose logs']?.(linesOf(denokvLog), { ident: 'denokv', unit: '' }).trimEnd().split('\n') ?? [];
  const postgres =
    RENDERS['docker compose logs']?.(linesOf(postgresLog), { ident: 'db', unit: '' }).trimEnd().split('\n') ?? [];
  const web = Array.from({ length: 40 }, (_, i) => `web-1  | ERROR: request ${i} failed`);
  const mixed = Array.from({ length: 40 }, (_, i) => [denokv[i], web[i], postgres[i]])
    .flat()
    .filter((line) => line !== undefined)
    .join('\n');

  it('are read each for itself, and the others are counted', () => {
    const { events, parser } = parseBytes(`${mixed}\n`);
    for (const [format, log] of [
      ['denokv', denokvLog],
      ['postgres_stderr', postgresLog],
    ] as const) {
      const found = events.filter((event) => event.format === format).map(contentOf);
      expect(found).toEqual(parseBytes(log).events.map(contentOf));
    }
    expect(parser.foreign).toEqual({ lines: 40, services: ['web-1'] });
    expect(parser.counts.unrecognised).toBe(0);
  });

  it('are read for one of them where only that one is asked for', () => {
    const { events, parser } = parseBytes(`${mixed}\n`, { hints: { kind: 'denokv', linePrefix: null } });
    expect(events.map(contentOf)).toEqual(parseBytes(denokvLog).events.map(contentOf));
    expect(parser.detections).toHaveLength(1);
  });

  it('lets a program in that starts after the form was decided', () => {
    const late = denokv.map((line) => line.replace('denokv-1', 'denokv-2'));
    const log = `${Array.from({ length: 40 }, () => denokv.join('\n')).join('\n')}\n${late.join('\n')}\n`;
    const { events, parser } = parseBytes(log);
    expect(events).toHaveLength(41 * parseBytes(denokvLog).events.length);
    expect(parser.foreign.lines).toBe(0);
  });

  it('does not mix stdout into a line that stderr has not finished', () => {
    const piece = (stream: string, flag: string, text: string): string =>
      `2026-11-23T05:43:22.1Z ${stream} ${flag} ${text}\n`;
    const log =
      piece('stderr', 'P', '2026-11-23 05:43:22.001 UTC [7] ERROR:  a long ') +
      piece('stdout', 'F', '2026-11-23 05:43:22.002 UTC [8] LOG:  other') +
      piece('stderr', 'F', 'message');
    expect(parseBytes(log).events).toMatchObject([
      { message: 'a long message', citation: { line: 1 } },
      { message: 'other', citation: { line: 2 } },
    ]);
  });
});

describe('CloudNativePG', () => {
  const record = {
    log_time: '2026-11-23 05:43:23.456 UTC',
    user_name: 'denokv',
    database_name: 'kv',
    process_id: '3121',
    connection_from: '10.0.0.1:41532',
    session_id: '6923a1.c31',
    session_line_num: '4',
    command_tag: 'UPDATE',
    session_start_time: '2026-11-23 05:43:20 UTC',
    virtual_transaction_id: '3/12',
    transaction_id: '0',
    error_severity: 'FEHLER',
    sql_state_code: '42703',
    message: 'Spalte »ä« existiert nicht',
    hint: 'Vielleicht\nso',
    query: 'SELECT ä\n  FROM t',
    application_name: 'denokv',
    backend_type: 'client backend',
  };
  const wrap = (object: unknown): string => `${JSON.stringify(object)}\n`;
  const log =
    wrap({ level: 'info', ts: '2026-11-23T05:43:00.1Z', logger: 'instance-manager', msg: 'Starting workers' }) +
    wrap({
      level: 'info',
      ts: '2026-11-23T05:43:01Z',
      logger: 'postgres',
      msg: '2026-11-23 05:43:01.000 UTC [27] LOG:  redirecting log output to logging collector process',
    }) +
    wrap({ level: 'info', ts: '2026-11-23T05:43:23.457Z', logger: 'postgres', msg: 'record', record }) +
    wrap({ level: 'info', ts: '2026-11-23T05:43:24Z', logger: 'wal-archive', msg: 'ERROR: none' });

  it('gives the record of csvlog', () => {
    const { events, parser } = parseBytes(log);
    expect(events.at(-1)).toMatchObject({
      kind: 'postgres_error',
      at: { us: Date.parse('2026-11-23T05:43:23.456Z') * 1000, precision: 'millisecond', zone: 'read' },
      citation: { line: 3 },
      severity: 'ERROR',
      sqlstate: '42703',
      pid: 3121,
      session: '6923a1.c31',
      user: 'denokv',
      database: 'kv',
      application: 'denokv',
      client: '10.0.0.1',
      message: 'Spalte »ä« existiert nicht',
      hint: 'Vielleicht\nso',
      statement: 'SELECT ä\n  FROM t',
      backendType: 'client backend',
    });
    expect(events).toHaveLength(2);
    expect(parser.foreign.lines).toBe(2);
  });

  it('does so inside CRI, cut into pieces', () => {
    const cri = RENDERS['CRI with pieces']?.(linesOf(log), { ident: '', unit: '' }) ?? '';
    expect(parseBytes(cri).events.map(contentOf)).toEqual(parseBytes(log).events.map(contentOf));
  });
});

describe('what is no log', () => {
  it.each([
    ['nothing', '', 'text'],
    ['prose', 'It was a dark and stormy night.\nERROR was not far.\n', 'text'],
    ['binary', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256)), 'binary'],
    ['NULs', Buffer.alloc(2000), 'binary'],
    ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(denokvLog, 'utf16le')]), 'utf16'],
    ['UTF-16 without', Buffer.from(denokvLog, 'utf16le'), 'utf16'],
  ] as const)('%s', (_, log, nature) => {
    const { events, parser } = parseBytes(log);
    expect(events).toEqual([]);
    expect(parser.detection).toBeNull();
    expect(parser.nature).toBe(nature);
    const bytes = typeof log === 'string' ? Buffer.from(log) : log;
    expect(parser.counts.example === null).toBe(bytes.every((byte) => byte === 0));
  });

  it('is a log all the same behind a UTF-8 byte order mark', () => {
    const { events, parser } = parseBytes(
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(denokvLog)]),
      {},
      2,
    );
    expect(events.map(contentOf)).toEqual(parseBytes(denokvLog).events.map(contentOf));
    expect(parser.counts.unrecognised).toBe(0);
  });
});

describe('a configured prefix', () => {
  it('is taken where it fits', () => {
    const { parser } = parseBytes(postgresLog, { hints: { kind: null, linePrefix: '%m [%p] %q%u@%d ' } });
    expect(parser.detection).toMatchObject({ linePrefix: '%m [%p] %q%u@%d ', kind: 'postgres' });
  });

  it('gives way where it fits no line: an empty answer would look like good news', () => {
    const { events } = parseBytes(postgresLog, { hints: { kind: null, linePrefix: '%t:%r:%u@%d:[%p]:' } });
    expect(events).toHaveLength(8);
  });

  it('makes no Postgres log of one of denokv', () => {
    const { parser } = parseBytes(denokvLog, { hints: { kind: null, linePrefix: '%m [%p] ' } });
    expect(parser.detection?.kind).toBe('denokv');
  });
});

it('decides nothing before there is something to decide by', () => {
  const parser = newParser();
  expect(parser.flush()).toEqual([]);
  expect(
    parser.push({ fileId: 1, byteStart: 0, bytes: Buffer.from('[2026-11-23T05:43'), startsGeneration: true }),
  ).toEqual([]);
  expect(parser.flush()).toEqual([]);
  expect(parser.safeOffset).toBe(0);
  parser.push({
    fileId: 1,
    byteStart: 17,
    bytes: Buffer.from(':22Z ERROR denokv] Database error: db error\n'),
    startsGeneration: false,
  });
  expect(parser.flush()).toMatchObject([{ kind: 'denokv_error', citation: { line: 1, byteStart: 0 } }]);
});
