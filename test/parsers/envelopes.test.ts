import { describe, expect, it } from 'vitest';
import { contentOf, parseBytes, readFixture } from './parse-bytes.ts';
import { RENDERS, type Program, type WrittenMessage } from './render-envelopes.ts';
import { renderSyslog, type SyslogSettings } from './render-syslog.ts';

const REFERENCE_MS = Date.parse('2026-11-23T06:00:00Z');
const DENOKV: Program = { ident: 'denokv', unit: 'denokv.service' };
const POSTGRES: Program = { ident: 'postgres', unit: 'postgresql@15-main.service' };
const denokvLog = readFixture('wrapping', 'denokv.log');
const postgresLog = readFixture('wrapping', 'postgresql.log');

/** Blank lines come before a panic only; wrappings keep them as messages of their own. */
function messagesOf(log: Buffer, pid: (first: string) => number, begins: RegExp): WrittenMessage[] {
  const messages: { lines: string[]; pid: number }[] = [];
  for (const line of log.toString().trimEnd().split('\n')) {
    const last = messages.at(-1);
    if (last === undefined || begins.test(line)) messages.push({ lines: [line], pid: pid(line) });
    else last.lines.push(line);
  }
  return messages;
}

const denokvMessages = messagesOf(denokvLog, () => 4711, /^\[|^thread |^copy_|^note|^$/);
const postgresMessages = messagesOf(
  postgresLog,
  (line) => Number(/\[(\d+)\]/.exec(line)?.[1]),
  /^\S+ \S+ UTC \[\d+\] (?:denokv@kv )?(?:LOG|ERROR|FATAL): /,
);

/** What denokv's events say; a wrapping may know their time better than the second that denokv prints. */
function denokvContents(log: string | Buffer): unknown[] {
  return parseBytes(log, { referenceMs: REFERENCE_MS }).events.map((event) => {
    const { at: _, ...content } = contentOf(event);
    return content;
  });
}

function postgresContents(log: string | Buffer): unknown[] {
  return parseBytes(log, { referenceMs: REFERENCE_MS }).events.map(contentOf);
}

describe('every wrapping gives the events of the plain file', () => {
  const plainDenokv = denokvContents(denokvLog);
  const plainPostgres = postgresContents(postgresLog);

  it('has events to compare', () => {
    expect(plainDenokv).toHaveLength(11);
    expect(plainPostgres).toHaveLength(8);
  });

  it.each(Object.entries(RENDERS))('%s: denokv', (_, render) => {
    expect(denokvContents(render(denokvMessages, DENOKV))).toEqual(plainDenokv);
  });

  it.each(Object.entries(RENDERS))('%s: Postgres', (_, render) => {
    expect(postgresContents(render(postgresMessages, POSTGRES))).toEqual(plainPostgres);
  });

  it.each(Object.entries(RENDERS))('%s: cut into pieces of 97 bytes', (_, render) => {
    const log = render(postgresMessages, POSTGRES);
    const cut = parseBytes(log, { referenceMs: REFERENCE_MS }, 97);
    expect(cut.events).toEqual(parseBytes(log, { referenceMs: REFERENCE_MS }).events);
  });

  it('keeps the line of the wrapped file', () => {
    const plain = parseBytes(postgresLog).events.map(({ citation }) => citation.line);
    for (const name of ['journalctl -o json', 'journalctl -o short', 'Loki'] as const) {
      const wrapped = RENDERS[name]?.(postgresMessages, POSTGRES) ?? '';
      expect(parseBytes(wrapped, { referenceMs: REFERENCE_MS }).events.map(({ citation }) => citation.line)).toEqual(
        plain,
      );
    }
  });

  it("counts no blank line of a shipper's as one that was not understood", () => {
    const log = denokvLog.toString().trimEnd().split('\n');
    expect(log).toContain('');
    const shipped = log.map((message) => `${JSON.stringify({ '@timestamp': '2026-11-23T05:43:22Z', message })}\n`);
    expect(parseBytes(shipped.join('')).parser.counts.unrecognised).toBe(
      parseBytes(denokvLog).parser.counts.unrecognised,
    );
  });

  it('takes words before the time for a part of the prefix where further lines do not have them', () => {
    const lines = postgresLog.toString().replaceAll(/^(?=\d{4}-)/gm, 'kv app ');
    expect(lines).toContain('\n\t');
    const { parser, events } = parseBytes(lines);
    expect(parser.detection?.linePrefix).toMatch(/^kv app %m /);
    expect(events).toHaveLength(plainPostgres.length);
    expect(parseBytes(lines.replaceAll(/\n\t.*/g, '')).parser.detection?.linePrefix).toMatch(/^kv app %m /);
  });

  it('cites the first piece of a joined line', () => {
    const log = RENDERS['CRI with pieces']?.(postgresMessages, POSTGRES) ?? '';
    const lines = log.split('\n');
    for (const { citation } of parseBytes(log).events) {
      expect(lines[citation.line - 2] ?? ' F ').toContain(' F ');
      expect(log.slice(0, citation.byteStart).split('\n')).toHaveLength(citation.line);
    }
  });
});

const SYSLOGS: readonly SyslogSettings[] = [
  { splitMessages: true, sequenceNumbers: true, daemon: 'raw' },
  { splitMessages: true, sequenceNumbers: true, daemon: 'escape' },
  { splitMessages: true, sequenceNumbers: true, daemon: 'trim' },
  { splitMessages: true, sequenceNumbers: false, daemon: 'escape' },
  { splitMessages: false, sequenceNumbers: true, daemon: 'raw' },
  { splitMessages: false, sequenceNumbers: true, daemon: 'escape' },
  { splitMessages: false, sequenceNumbers: false, daemon: 'raw' },
  { splitMessages: false, sequenceNumbers: false, daemon: 'escape' },
];

describe('Postgres over syslog', () => {
  it.each(SYSLOGS)('split $splitMessages, numbers $sequenceNumbers, daemon $daemon', (settings) => {
    const found = postgresContents(renderSyslog(postgresMessages, settings));
    const plain = postgresContents(postgresLog);
    expect(found).toEqual(settings.daemon === 'trim' ? plain.map(withoutIndent) : plain);
  });

  // Postgres 16 through rsyslog 8.2302.
  const backend = (number: number, text: string): string => `Nov 25 02:57:29 vm pgsys[27894]: [${number}] ${text}\n`;
  const lines = [
    '00000 [unknown]@[unknown] [unknown] LOG:  connection received: host=[local]',
    '00000 kv@kv [unknown] LOG:  connection authorized: user=kv database=kv application_name=denokv',
    `22P02 kv@kv denokv ERROR:  invalid input syntax for type integer: "abc" at character 8#01222P02 kv@kv denokv STATEMENT:  select 'abc'::int;`,
    '00000 kv@kv denokv LOG:  disconnection: session time: 0:00:00.006 user=kv database=kv host=[local]',
  ];

  it('takes whole messages for such, whatever their prefixes are as wide as', () => {
    const log = lines.map((text, index) => backend(26 + index, text)).join('');
    expect(parseBytes(log, { referenceMs: REFERENCE_MS }).events).toMatchObject([
      { message: 'connection received: host=[local]' },
      { user: 'kv' },
      { severity: 'ERROR', sqlstate: '22P02', user: 'kv', statement: "select 'abc'::int;" },
      { severity: 'LOG' },
    ]);
  });

  it('knows the pid by the tag where the prefix has none', () => {
    const log = lines.map((text, index) => backend(26 + index, text)).join('');
    expect(parseBytes(log, { referenceMs: REFERENCE_MS }).events.map((event) => 'pid' in event && event.pid)).toEqual([
      27894, 27894, 27894, 27894,
    ]);
    const stdout = log.replaceAll(/\[\d+\] /g, '').replaceAll('#012', '\n');
    expect(parseBytes(stdout, { referenceMs: REFERENCE_MS }).events[2]).toMatchObject({ severity: 'ERROR', pid: null });
  });
});

/** What rsyslog trims from the beginning of a part is gone: the lines stay, their indent does not. */
function withoutIndent(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content).replaceAll(/\\n(?:[ ]|\\t)+/g, '\\n')) as unknown;
}
