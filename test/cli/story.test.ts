import { describe, expect, test } from 'vitest';
import { incidentRuns } from '../../src/incident-runs.ts';
import { showCycle } from '../../src/cli/show-cycle.ts';
import { showIncident, showIncidentReason, showIncidentRun } from '../../src/cli/show-incident.ts';
import { showIssue, showIssueLines } from '../../src/cli/show-issue.ts';
import { showTimeline } from '../../src/cli/show-timeline.ts';
import { plain } from '../../src/cli/style.ts';
import { columnsOf } from '../../src/cli/terminal.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import type { IncidentRecord, Issue, Timeline } from '../../src/domain.ts';
import { makeVerdict } from '../query/memory-reader.ts';

const screen = { width: 80, columns: 80, zone: 'Europe/Rome', style: plain };

function expectInert(lines: readonly string[]): void {
  for (const line of lines) {
    expect(textWidth(line)).toBeLessThanOrEqual(80);
    expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  }
}

const HOSTILE = '\x1b[2J\u202egnp\u2028';

test('a deadlock is drawn as a ring', () => {
  const party = { application: null, statement: null };
  const parties = [
    {
      ...party,
      pid: 3121,
      waitsFor: 'ShareLock on transaction 739',
      heldBy: 12,
      application: 'denokv',
      statement: 'UPDATE data_version SET\n version = 1',
    },
    { ...party, pid: 12, waitsFor: 'ShareLock on transaction 740', heldBy: 3121 },
  ];
  const verdict = { ...makeVerdict(), deadlock: { parties } };
  expect(showCycle(verdict, screen)).toEqual([
    'The cycle',
    '  +-->',
    '  |   pid 3121 (denokv), which Postgres ended',
    '  |     ran: UPDATE data_version SET version = 1',
    '  v   waits for ShareLock on transaction 739, held by pid 12',
    '  |   pid 12',
    '  v   waits for ShareLock on transaction 740, held by pid 3121',
    '  +---  back to pid 3121',
  ]);
  expect(showCycle(makeVerdict(), screen)).toEqual([]);
  const hostile = parties.map((one) => ({ ...one, statement: HOSTILE.repeat(30), application: HOSTILE.repeat(30) }));
  expectInert(showCycle({ ...makeVerdict(), deadlock: { parties: hostile } }, screen));
});

describe('a timeline', () => {
  const entry: Timeline['entries'][number] = {
    at: '2026-11-23T10:22:05.123Z',
    atPrecision: 'millisecond',
    source: 'postgres',
    file: 'postgresql.log',
    line: 456,
    lines: 2,
    kind: 'postgres_error',
    severity: 'ERROR',
    pid: 3121,
    sqlstate: '40P01',
    text: 'deadlock detected',
    role: 'entry',
  };
  const timeline: Timeline = {
    failureId: 'f_0001aaaa',
    from: '2026-11-23T10:21:55.000Z',
    to: '2026-11-23T10:22:15.000Z',
    omitted: 0,
    entries: [
      { ...entry, role: 'session', severity: 'LOG', line: 450, text: 'still waiting', kind: 'postgres_context' },
      entry,
      {
        ...entry,
        source: 'denokv',
        file: 'denokv.log',
        line: 9,
        atPrecision: 'second',
        pid: null,
        sqlstate: null,
        role: 'symptom',
      },
    ],
  };

  test('shows both logs in one sequence, with what each entry is to the failure', () => {
    expect(showTimeline(timeline, screen)).toEqual([
      'Timeline 11:21:55 to 11:22:15',
      '>> failure  => its entry  -> root  | same session  ? perhaps its entry',
      ' | 11:22:05.123  postgres postgresql.log:450 LOG pid 3121 40P01',
      '     still waiting',
      '=> 11:22:05.123  postgres postgresql.log:456 ERROR pid 3121 40P01',
      '     deadlock detected',
      '>> 11:22:05  denokv denokv.log:9 ERROR',
      '     deadlock detected',
    ]);
  });

  test('folds what a storm repeats by turns, and never across the failure', () => {
    const storm = Array.from({ length: 1_500 }, (_, index) => ({
      ...entry,
      source: index % 2 === 0 ? ('postgres' as const) : ('denokv' as const),
      at: new Date(Date.parse('2026-11-23T10:22:00Z') + index * 5).toISOString(),
      role: null,
      text: `deadlock detected by ${String(index)}\nDETAIL: Process ${String(index)} waits`,
    }));
    const [before, after] = [storm.slice(0, 700), storm.slice(700)];
    const lines = showTimeline({ ...timeline, entries: [...before, entry, ...after] }, screen);
    expect(lines.filter((line) => line.startsWith('     and '))).toEqual([
      '     and 349 alike, the last at 11:22:03',
      '     and 349 alike, the last at 11:22:03',
      '     and 399 alike, the last at 11:22:07',
      '     and 399 alike, the last at 11:22:07',
    ]);
    expect(lines.length).toBeLessThan(24);
  });

  test('is bounded where nothing is alike, and says how to see the rest', () => {
    const words = Array.from({ length: 900 }, (_, index) => ({
      ...entry,
      role: null,
      text: String.fromCodePoint(0x4e00 + index),
    }));
    const lines = showTimeline(
      { ...timeline, omitted: 5, entries: [...words.slice(0, 450), entry, ...words.slice(450)] },
      screen,
    );
    expect(lines.length).toBeLessThan(100);
    expect(lines.some((line) => line.startsWith('=> '))).toBe(true);
    expect(lines.slice(-3)).toEqual([
      '   876 entries more: ask for less time with --window, or for all:',
      '   whyd events --since 2026-11-23T10:21:55.000Z \\',
      '     --until 2026-11-23T10:22:15.000Z --limit 906',
    ]);
    expect(showTimeline({ ...timeline, omitted: 5 }, { ...screen, width: 100 }).at(-1)).toBe(
      '   whyd events --since 2026-11-23T10:21:55.000Z --until 2026-11-23T10:22:15.000Z --limit 8',
    );
  });

  test('says what it leaves out, and is inert', () => {
    expect(showTimeline({ ...timeline, omitted: 3 }, screen).at(-3)).toContain('3 entries more');
    expect(showTimeline({ ...timeline, entries: [] }, screen)[1]).toContain('holds nothing');
    const hostile = { ...entry, text: HOSTILE.repeat(40), file: HOSTILE.repeat(40), sqlstate: HOSTILE };
    expectInert(showTimeline({ ...timeline, entries: [hostile, { ...hostile, role: null }] }, screen));
  });
});

const issue: Issue = {
  id: 'i_3f0c',
  state: 'open',
  flags: ['regressed'],
  cause: 'lock_timeout',
  category: 'timeout',
  sqlstate: '55P03',
  operation: 'atomic_write',
  object: 'data_version',
  title: 'lock_timeout on data_version (atomic_write)',
  text: 'canceling statement due to lock timeout',
  count: 14,
  firstAt: '2026-11-22T10:00:00.000Z',
  lastAt: '2026-11-23T10:22:05.000Z',
  mutedUntil: null,
  resolvedAt: null,
  incident: null,
  lastFailure: 'f_0001aaaa',
  hourly: [
    { at: '2026-11-23T08:00:00.000Z', count: 2 },
    { at: '2026-11-23T10:00:00.000Z', count: 12 },
  ],
};

test('an issue, in a list and as a screen', () => {
  expect(showIssueLines(issue, screen)).toEqual([
    '     14  open regressed  lock_timeout on data_version (atomic_write)',
    '         i_3f0c  last 2026-11-23 11:22:05',
  ]);
  expect(showIssue(issue, screen)).toEqual([
    'lock_timeout on data_version (atomic_write)  i_3f0c',
    'state     open, regressed',
    'cause     lock_timeout (55P03)',
    'of        atomic_write on data_version',
    'seen      14 failures, from 2026-11-22 11:00:00 to 2026-11-23 11:22:05',
    'text      canceling statement due to lock timeout',
    'by hour   .....................▂.█ at most 12 an hour, 12 in the last',
    'newest    whyd why f_0001aaaa',
  ]);
  const hostile = { ...issue, title: HOSTILE.repeat(30), text: HOSTILE.repeat(30), object: HOSTILE };
  expectInert([...showIssueLines(hostile, screen), ...showIssue(hostile, screen)]);
});

test('an incident', () => {
  const incident: IncidentRecord = {
    id: 'n_1',
    cause: 'server_crash',
    category: 'connection',
    startAt: '2026-11-23T10:00:00.000Z',
    endAt: '2026-11-23T10:00:07.000Z',
    summary: 'backend 7261 was killed by signal 9',
    file: 'postgresql.log',
    line: 452,
    byteStart: 0,
    byteEnd: 1,
    text: '',
    failures: 5,
    share: 1,
    evidence: [],
  };
  expect(showIncident(incident, screen)).toEqual([
    '2026-11-23 11:00:00 to 11:00:07 (7 s)  server_crash',
    '  backend 7261 was killed by signal 9',
    '  5 failures, 100% of those in its time; postgresql.log:452',
    '  whyd failures --incident n_1',
  ]);
  expect(showIncident({ ...incident, endAt: null }, screen)[0]).toContain('still open  server_crash');
  const long = { ...incident, summary: Array.from({ length: 30 }, (_, at) => `reason${at}`).join(' ') };
  expect(showIncidentReason(long, screen).slice(1).join(' ').replace(/ +/g, ' ').trim()).toBe(long.summary);
  expectInert(showIncident({ ...incident, summary: HOSTILE.repeat(30), cause: HOSTILE, file: HOSTILE }, screen));
});

test('incidents of one cause that overlap are told together, and no others are', () => {
  const pileUp = (id: string, startAt: string, endAt: string | null, failures: number): IncidentRecord => ({
    id,
    cause: 'lock_pile_up',
    category: 'timeout',
    startAt: `2026-11-23T10:${startAt}.000Z`,
    endAt: endAt === null ? null : `2026-11-23T10:${endAt}.000Z`,
    summary: `held by pid ${id}`,
    file: 'postgresql.log',
    line: 452,
    byteStart: 0,
    byteEnd: 10,
    text: 'x',
    failures,
    share: 0.5,
    evidence: [],
  });
  const overlapping = [
    pileUp('n_4', '00:30', '00:50', 2),
    pileUp('n_3', '00:10', '00:40', 9),
    pileUp('n_2', '00:05', '00:12', 1),
  ];
  const earlier = pileUp('n_1', '00:00', '00:04', 7);
  const open = pileUp('n_5', '00:35', null, 1);
  const rows = incidentRuns([open, ...overlapping, earlier]);
  expect(rows.map(({ shown, others }) => [shown.id, others.map(({ id }) => id)])).toEqual([
    ['n_5', []],
    ['n_3', ['n_4', 'n_2']],
    ['n_1', []],
  ]);
  expect(rows[1] === undefined ? [] : showIncidentRun(rows[1], screen)).toEqual([
    '2026-11-23 11:00:05 to 11:00:50 (45 s)  lock_pile_up',
    '  3 overlap: 12 failures (--each lists them); most in this one:',
    '  held by pid n_3',
    '  9 failures, 50% of those in its time; postgresql.log:452',
    '  whyd failures --incident n_3',
  ]);
  const mixed = overlapping.map((one, index) => (index === 1 ? { ...one, cause: 'disk_full' } : one));
  expect(incidentRuns(mixed).every(({ others }) => others.length === 0)).toBe(true);
  expectInert(
    incidentRuns(overlapping.map((one) => ({ ...one, summary: HOSTILE, cause: HOSTILE, file: HOSTILE }))).flatMap(
      (row) => showIncidentRun(row, screen),
    ),
  );
});

test('COLUMNS counts where stdout is no terminal', () => {
  expect([{ COLUMNS: '80' }, { COLUMNS: '' }, {}, { COLUMNS: '-3' }].map(columnsOf)).toEqual([
    80,
    Infinity,
    Infinity,
    Infinity,
  ]);
});
