import { describe, expect, it } from 'vitest';
import type { IncidentRecord, SourceStatus, Stats } from '../../src/domain.ts';
import { incidentRuns } from '../../src/incident-runs.ts';
import { lookOf } from '../../web/src/causes.ts';
import { rateSeries, stackedTops } from '../../web/src/chart/rate-series.ts';
import { moveWindow, slotOf, stepTo, visibleRange, type RowWindow } from '../../web/src/lists/row-range.ts';
import { healthOf } from '../../web/src/lists/source-health.ts';
import { routeOf } from '../../web/src/route.ts';
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDelta,
  formatShare,
  formatSpan,
  formatTotal,
} from '../../web/src/text/format.ts';
import { formatClock, printedPrecision } from '../../web/src/text/time.ts';
import { head, visibleText } from '../../web/src/text/visible-text.ts';
import { troubleOf } from '../../web/src/trouble.ts';

describe('routes', () => {
  it.each([
    ['/', { page: 'now' }],
    ['/failures', { page: 'failures' }],
    ['/failures/', { page: 'failures' }],
    ['/failures/f_1', { page: 'failure', id: 'f_1' }],
    ['/issues/i%2F1', { page: 'issue', id: 'i/1' }],
    ['/incidents/n_1', { page: 'incident', id: 'n_1' }],
    ['/search', { page: 'search' }],
    ['/issues/%E0%A4%A', { page: 'nowhere' }],
    ['/failures/a/b', { page: 'nowhere' }],
    ['/constructor', { page: 'nowhere' }],
    ['/sources/x', { page: 'nowhere' }],
  ])('%s', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});

describe('incidents that overlap', () => {
  const at = (second: number): string => new Date(Date.UTC(2026, 10, 23, 10, 0, second)).toISOString();
  const incident = (id: string, cause: string, from: number, to: number | null, failures = 1): IncidentRecord => ({
    ...{
      id,
      cause,
      category: 'timeout',
      startAt: at(from),
      endAt: to === null ? null : at(to),
      summary: 's',
      failures,
    },
    ...{ file: 'f', line: 1, byteStart: 0, byteEnd: 1, text: '', share: 1, evidence: [] },
  });
  const namesOf = (incidents: readonly IncidentRecord[]): readonly string[] =>
    incidentRuns(incidents).map(({ shown, others }) => [shown, ...others].map(({ id }) => id).join(' '));

  it('are one run of a cause, with the one that explains most before the others', () => {
    const storm = [incident('c', 'locks', 8, 12), incident('b', 'locks', 5, 9, 7), incident('a', 'locks', 0, 6)];
    expect(namesOf(storm)).toEqual(['b c a']);
    // What ended before the others began is something else, and so is another cause.
    expect(namesOf([...storm.slice(0, 2), incident('x', 'crash', 1, 6), incident('a', 'locks', 0, 4)])).toEqual([
      'c',
      'b',
      'x',
      'a',
    ]);
    expect(namesOf([...storm, incident('z', 'locks', -9, -2)])).toEqual(['b c a', 'z']);
  });

  it('stand alone where they are open, or two', () => {
    const open = incident('o', 'locks', 8, null);
    expect(namesOf([open, incident('b', 'locks', 5, 9), incident('a', 'locks', 0, 9)])).toEqual(['o', 'b', 'a']);
  });
});

describe('text', () => {
  it('shows what has no glyph, and leaves plain text, lines and tabs', () => {
    expect(visibleText('a\tb\nc é 漢 🦕')).toBe('a\tb\nc é 漢 🦕');
    expect(visibleText('\u001b[31m\u202Egnp\u200b\u0000\u009b\r')).toBe('\\e[31m\\u{202e}gnp\\u{200b}\\x00\\x9b\\r');
    expect(visibleText('\ud800')).toBe('\\u{d800}');
  });

  it('never cuts a pair in half', () => {
    expect(head('ab🦕', 3)).toBe('ab');
    expect(head('ab🦕', 4)).toBe('ab🦕');
  });

  it('says where counting stopped', () => {
    expect([1, 199, 200].map(formatTotal)).toEqual(['1 failure', '199 failures', '200 or more failures']);
  });

  it('is no more exact with a time than the log was', () => {
    const shown = ['2026-11-23T07:02:31.000Z', '2026-11-23T07:02:31.040Z', '2026-11-23T07:02:31.000004Z'].map((iso) =>
      formatClock(iso, printedPrecision(iso), 'utc'),
    );
    expect(shown).toEqual(['07:02:31', '07:02:31.040', '07:02:31.000']);
  });

  it('says numbers as people do, and never 100% for less', () => {
    expect(formatCount(1, 'failure')).toBe('1 failure');
    expect(formatCount(1_234, 'entry')).toBe('1,234 entries');
    expect([0, 0.004, 0.5, 0.996, 1].map(formatShare)).toEqual(['0%', '< 1%', '50%', '> 99%', '100%']);
    expect([0, 1_023, 1_536, 150 * 2 ** 20].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '150 MiB']);
    expect([120, 41_000, 7_500_000].map(formatSpan)).toEqual(['120 ms', '41 s', '2 h 5 min']);
    expect([500, 90_000, -7_200_000].map(formatAgo)).toEqual(['now', '1 min ago', 'in 2 h']);
    expect([formatDelta(-120, false), formatDelta(3_000, true)]).toEqual(['−0.120 s', '+3 s']);
  });
});

describe('a virtual list', () => {
  it('covers what is in sight, within the list', () => {
    for (let scrollTop = 0; scrollTop <= 300_000; scrollTop += 777) {
      const { from, to } = visibleRange(scrollTop, 600, 30, 10_000, 12);
      expect(from).toBeLessThanOrEqual(Math.min(scrollTop / 30, 10_000));
      expect(to).toBeGreaterThanOrEqual(Math.min(10_000, (scrollTop + 600) / 30));
      expect(to).toBeLessThanOrEqual(10_000);
      expect(to - from).toBe(45);
    }
    expect(visibleRange(0, 600, 30, 0, 12)).toEqual({ from: 0, to: 0 });
    expect(visibleRange(0, 600, 30, 3, 12)).toEqual({ from: 0, to: 3 });
    expect(visibleRange(-50, 600, 30, 100, 12)).toEqual({ from: 0, to: 45 });
  });

  it('lends the elements of rows that leave to those that come, and keeps them in place after a jump', () => {
    const slots = (shown: RowWindow): readonly number[] =>
      Array.from({ length: shown.to - shown.from }, (_, place) => slotOf(shown, shown.from + place));
    const start: RowWindow = { from: 0, to: 5, origin: 0 };
    const step = moveWindow(start, { from: 2, to: 7 });
    expect(slots(step)).toEqual([2, 3, 4, 0, 1]);
    const jump = moveWindow(step, { from: 90, to: 95 });
    expect(slots(jump)).toEqual([2, 3, 4, 0, 1]);
    const back = moveWindow(jump, { from: 89, to: 94 });
    expect(slots(back)).toEqual([1, 2, 3, 4, 0]);
    expect(slots(moveWindow(back, { from: 0, to: 5 }))).toEqual([1, 2, 3, 4, 0]);
    expect(moveWindow(back, { from: 89, to: 94 })).toBe(back);
  });

  it('moves by keys and stays within', () => {
    expect(stepTo('ArrowDown', 3, 10, 5)).toBe(4);
    expect(stepTo('ArrowUp', 0, 10, 5)).toBe(0);
    expect(stepTo('PageDown', 7, 10, 5)).toBe(9);
    expect(stepTo('End', 0, 10, 5)).toBe(9);
    expect(stepTo('a', 3, 10, 5)).toBeNull();
    expect(stepTo('toString', 3, 10, 5)).toBeNull();
    expect(stepTo('End', 0, 0, 5)).toBeNull();
  });
});

describe('the chart', () => {
  const at = (minute: number): string => new Date(minute * 60_000).toISOString();
  const stats = (causes: readonly Readonly<Record<string, number>>[]): Stats => ({
    bucketSeconds: 60,
    buckets: causes.map((counts, minute) => ({ at: at(minute), causes: counts })),
    causes: Object.keys(Object.assign({}, ...causes) as object).map((cause) => ({
      cause,
      category: 'timeout',
      count: 0,
    })),
    openIssues: 0,
    openIncidents: 0,
    failures: 0,
  });

  it('fills the window, orders causes by count and stacks them', () => {
    const series = rateSeries(stats([{ a: 1, b: 2 }, {}, { b: 3 }]), 0, 5 * 60_000);
    expect(series.starts).toEqual([0, 60, 120, 180, 240]);
    expect(series.rows.map(({ cause, total }) => [cause, total])).toEqual([
      ['b', 5],
      ['a', 1],
    ]);
    expect(series.totals).toEqual([3, 0, 3, 0, 0]);
    expect(stackedTops(series.rows, 5)).toEqual([
      [2, 0, 3, 0, 0],
      [3, 0, 3, 0, 0],
    ]);
  });

  it('gathers what is rare, and loses no failure by it', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`c${index}`, index + 1]));
    const series = rateSeries(stats([many]), 0, 60_000);
    expect(series.rows).toHaveLength(8);
    expect(series.rows.at(-1)?.cause).toBe('other');
    expect(series.totals).toEqual([210]);
    expect(series.rows.reduce((sum, { total }) => sum + total, 0)).toBe(210);
  });

  it('tells causes of one category apart by their texture', () => {
    const looks = ['connection_refused', 'connection_lost', 'server_shutdown', 'server_crash', 'authentication_failed'];
    expect(new Set(looks.map((cause) => lookOf(cause, 'connection').texture)).size).toBe(looks.length);
    expect(lookOf('anything', 'constructor')).toEqual({ hue: 0, texture: 'plain' });
  });
});

describe('the health of a log', () => {
  const source: SourceStatus = {
    kind: 'postgres',
    path: '/var/log/postgresql.log',
    state: 'following',
    reason: null,
    hint: null,
    offset: 100,
    sizeBytes: 100,
    lagBytes: 0,
    gaps: 0,
    detection: { kind: 'postgres', format: 'postgres_csv', linePrefix: null, confidence: 1 },
    counts: { lines: 1, events: 1, statements: 0, unrecognised: 0, truncated: 0, example: null },
    newestAt: null,
  };

  it.each([
    [{}, 'good'],
    [{ gaps: 1 }, 'bad'],
    [{ state: 'failing', reason: 'permission denied' }, 'bad'],
    [{ state: 'waiting' }, 'bad'],
    [{ detection: null }, 'bad'],
    [{ lagBytes: 1_000_000 }, 'busy'],
  ] as const)('%j is %s', (changes, health) => {
    expect(healthOf({ ...source, ...changes }).health).toBe(health);
  });

  it('says what else there is to be said of it', () => {
    const reasons = [null, 'rotated or removed: let go once it has been quiet for a while'];
    expect(reasons.map((reason) => healthOf({ ...source, reason }).words)).toEqual(['followed to its end', reasons[1]]);
  });
});

describe('a trouble', () => {
  it('is read from a problem, and made from what is none', () => {
    expect(troubleOf(404, { title: 'Not found', detail: 'there is no failure x', hint: 'look' })).toMatchObject({
      kind: 'missing',
      message: 'there is no failure x',
      hint: 'look',
    });
    expect(troubleOf(401, null)).toMatchObject({ kind: 'denied' });
    expect(troubleOf(500, '<html>')).toMatchObject({ kind: 'refused', message: 'the daemon answered 500' });
  });
});
