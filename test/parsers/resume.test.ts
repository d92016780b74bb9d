import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/domain.ts';
import { newParser, parseBytes, readFixture } from './parse-bytes.ts';
import { RENDERS } from './render-envelopes.ts';
import { renderSyslog } from './render-syslog.ts';

const REFERENCE_MS = Date.parse('2026-11-23T06:00:00Z');

const twoBackends = [
  {
    pid: 7,
    lines: [
      '2026-11-23 05:43:22.001 UTC [7] a@b ERROR:  one',
      '2026-11-23 05:43:22.001 UTC [7] a@b STATEMENT:  SELECT',
      '\t 1',
    ],
  },
  {
    pid: 8,
    lines: ['2026-11-23 05:43:22.002 UTC [8] a@b ERROR:  two', '2026-11-23 05:43:22.002 UTC [8] a@b DETAIL:  d'],
  },
  { pid: 7, lines: ['2026-11-23 05:43:22.003 UTC [7] LOG:  three'] },
];
const program = { ident: 'postgres', unit: 'postgresql.service' };
const csv = readFixture('three-forms', 'edge.csv').subarray(0, 6000);

/** What a program wrote at once is one message of the journal: here two entries and the beginning of a third. */
const journal = Buffer.from(
  [
    `2026-11-23 05:43:22.001 UTC [7] a@b ERROR:  one "é"\n2026-11-23 05:43:22.001 UTC [7] a@b STATEMENT:  SELECT\n\t1`,
    `2026-11-23 05:43:22.002 UTC [7] a@b ERROR:  two\n2026-11-23 05:43:22.002 UTC [8] a@b ERROR:  three\n2026-11-23 05:43:22.002 UTC [9] a@b FATAL:  four`,
    `2026-11-23 05:43:22.003 UTC [9] a@b DETAIL:  of four\n2026-11-23 05:43:22.004 UTC [7] a@b ERROR:  five`,
    `2026-11-23 05:43:22.005 UTC [7] a@b ERROR:  six`,
  ]
    .map((MESSAGE, index) =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: String(1_795_412_602_001_000 + index * 1000),
        _SYSTEMD_UNIT: 'postgresql.service',
        SYSLOG_IDENTIFIER: 'postgres',
        _PID: '7',
        MESSAGE,
      }),
    )
    .join('\n') + '\n',
);

const LOGS: Readonly<Record<string, Buffer>> = {
  denokv: readFixture('wrapping', 'denokv.log'),
  Postgres: readFixture('wrapping', 'postgresql.log').subarray(0, 2500),
  csvlog: csv.subarray(0, csv.lastIndexOf('\n') + 1),
  'journald, several entries in a message': journal,
  CRI: Buffer.from(RENDERS['CRI with pieces']?.(twoBackends, program) ?? ''),
  syslog: Buffer.from(renderSyslog(twoBackends, { splitMessages: true, sequenceNumbers: true, daemon: 'escape' })),
};

/** What a restart after `cut` bytes sees: the events up to the safe offset as handed out before, and those from there on, read afresh. */
function afterRestart(log: Buffer, cut: number, whole: readonly LogEvent[], flushed: boolean): void {
  const before = newParser({ referenceMs: REFERENCE_MS });
  const handedOut = before.push({ fileId: 1, byteStart: 0, bytes: log.subarray(0, cut), startsGeneration: true });
  if (flushed) handedOut.push(...before.flush());
  const safe = before.safeOffset;
  expect(safe).toBeLessThanOrEqual(cut);
  const fresh = newParser({
    referenceMs: REFERENCE_MS,
    hints: { kind: null, linePrefix: before.detection?.linePrefix ?? null },
    linesBefore: log.subarray(0, safe).toString('latin1').split('\n').length - 1,
  });
  const rest = fresh.push({ fileId: 1, byteStart: safe, bytes: log.subarray(safe), startsGeneration: false });
  rest.push(...fresh.end());
  const old = new Map(
    handedOut.filter(({ citation }) => citation.byteStart < safe).map((event) => [event.citation.byteStart, event]),
  );
  expect([...old.values(), ...rest]).toEqual(whole);
}

it('gives each entry of one wrapped line a place of its own inside it', () => {
  const { events } = parseBytes(journal, { referenceMs: REFERENCE_MS });
  expect(events.map((event) => ('message' in event ? event.message : ''))).toEqual([
    'one "é"',
    'two',
    'three',
    'four',
    'five',
    'six',
  ]);
  const starts = events.map(({ citation }) => citation.byteStart);
  expect(new Set(starts).size).toBe(events.length);
  for (const { citation } of events) expect(citation.byteEnd).toBeGreaterThan(citation.byteStart);
  expect(events.map(({ citation }) => citation.line)).toEqual([1, 2, 2, 2, 3, 4]);
});

describe('reading on from the safe offset gives the same events', () => {
  it.each(Object.entries(LOGS))('%s, cut at every byte', (_, log) => {
    const whole = parseBytes(log, { referenceMs: REFERENCE_MS }).events;
    expect(whole.length).toBeGreaterThan(2);
    for (let cut = 1; cut < log.length; cut += log.length > 1500 ? 7 : 1) afterRestart(log, cut, whole, cut % 2 === 0);
  });

  it.each(Object.entries(LOGS))('%s, the line ends and the bytes around them', (_, log) => {
    const whole = parseBytes(log, { referenceMs: REFERENCE_MS }).events;
    for (let end = log.indexOf(10); end >= 0 && end + 2 < log.length; end = log.indexOf(10, end + 1)) {
      for (const cut of [end, end + 1, end + 2]) if (cut > 0) afterRestart(log, cut, whole, true);
    }
  });
});

describe('a log cut into chunks anywhere', () => {
  it.each(Object.entries(LOGS))('%s gives the same events for every piece size', (_, log) => {
    const whole = parseBytes(log, { referenceMs: REFERENCE_MS });
    for (const size of [1, 2, 3, 13, 64, 1000]) {
      const cut = parseBytes(log, { referenceMs: REFERENCE_MS }, size);
      expect(cut.events).toEqual(whole.events);
      expect(cut.parser.counts).toEqual(whole.parser.counts);
    }
  });
});
