import { describe, expect, test } from 'vitest';
import { listGaps } from '../../src/cli/report-gaps.ts';
import { showReport, type Report } from '../../src/cli/show-report.ts';
import { sumOf } from '../../src/cli/verdict-sums.ts';
import { plain } from '../../src/cli/style.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import { makeSource, makeVerdict } from '../query/memory-reader.ts';

const options = { columns: 100, zone: 'UTC', style: plain };
const base = makeVerdict();
const bothRead = [
  makeSource(),
  makeSource({
    kind: 'postgres',
    path: '/logs/postgresql.log',
    detection: { kind: 'postgres', format: 'postgres_stderr', linePrefix: '%m [%p] ', confidence: 0.98 },
  }),
];

const refused = makeVerdict({
  id: 'f_refused',
  at: '2026-11-23T10:25:05.000Z',
  operation: null,
  cause: { ...base.cause, id: 'connection_refused', sqlstate: null, certainty: 'likely', confidence: 0.9 },
  postgres: null,
  root: { cause: 'server_crash', file: 'postgresql.log', line: 440, text: 'LOG:  terminated by signal 9' },
});

const report: Report = {
  verdicts: [base, makeVerdict({ id: 'f_b', at: '2026-11-23T10:24:05.000Z', postgres: null }), refused],
  incidents: [
    {
      id: 'n_1',
      cause: 'server_crash',
      category: 'connection',
      startUs: Date.parse('2026-11-23T10:25:00Z') * 1_000,
      endUs: null,
      summary: 'a backend was killed',
      opening: { fileId: 1, file: 'postgresql.log', line: 440, lines: 1, byteStart: 0, byteEnd: 1 },
      text: '',
      failures: 3,
      share: 0.5,
      evidence: [],
    },
  ],
  sources: bothRead,
  findings: ['other.txt is not recognised'],
};

describe('showReport', () => {
  const lines = showReport(report, options);
  const text = lines.join('\n');

  test('begins with the sum and the causes, most frequent first', () => {
    expect(lines.slice(0, 5)).toEqual([
      '3 failures (HTTP 500) within 3 min, from 2026-11-23 10:22:05 +00:00',
      '',
      ' count share  cause               first     last      how sure',
      '     2   67%  deadlock            10:22:05  10:24:05  2 certain',
      '     1   33%  connection_refused  10:25:05  10:25:05  1 likely',
    ]);
  });

  test('says the day of failures of several days', () => {
    const later = { ...refused, at: '2026-11-25T09:00:59.000Z' };
    const table = showReport({ ...report, verdicts: [base, later] }, { ...options, columns: 80 }).slice(2, 5);
    expect(table).toEqual([
      ' count share  cause               first        last         how sure',
      '     1   50%  connection_refused  11-25 09:00  11-25 09:00  1 likely',
      '     1   50%  deadlock            11-23 10:22  11-23 10:22  1 certain',
    ]);
  });

  test('takes a log that was not recognised for none of a kind', () => {
    const unknown = makeSource({ kind: 'postgres', path: '/logs/other', detection: null });
    expect(showReport({ ...report, sources: [unknown] }, options)).toContain(
      '  - /logs/other: not recognised: 20 lines, 10 events',
    );
  });

  test('shows each cause by its most telling example, with the remedies', () => {
    expect(text).toContain('deadlock: 2 failures  for example 2026-11-23 10:22:05 atomic_write');
    expect(text).toContain('postgres  postgresql.log:456');
    expect(text).toContain('do        Write keys in a fixed order.');
    expect(text).toContain('root      postgresql.log:440  server_crash');
  });

  test('lists incidents and what was read', () => {
    expect(lines.slice(lines.indexOf('Incidents'), lines.indexOf('Read'))).toEqual([
      'Incidents',
      '  - 2026-11-23 10:25:00 to still open server_crash: a backend was killed; 3 failures, 50% of those',
      '    in its time (postgresql.log:440)',
      '',
    ]);
    expect(text).toContain('/logs/postgresql.log: postgres (postgres_stderr, 98% sure, prefix "%m [%p] "): 20 lines');
  });

  test('ends with what was not covered', () => {
    expect(lines.slice(lines.indexOf('Not covered'))).toEqual([
      'Not covered',
      '  - other.txt is not recognised',
      '  - 2 failures without a Postgres line: Postgres wrote no entry for them that fits (usual for',
      '    refused or lost connections and for errors of denokv itself): 1 deadlock, 1 connection_refused.',
    ]);
  });

  test.each([80, 100, 120, 300, Infinity])('fits %d columns', (columns) => {
    for (const line of showReport(report, { ...options, columns })) {
      expect(textWidth(line)).toBeLessThanOrEqual(Math.min(120, columns));
    }
  });

  test('reads well with no failures, and when all was covered', () => {
    const quiet = showReport({ verdicts: [], incidents: [], sources: bothRead, findings: [] }, options);
    expect(quiet[0]).toBe('No failures: no HTTP 500 was found in these logs.');
    expect(quiet.join('\n')).not.toContain('Not covered');
  });

  test('without a denokv log does not say that all is well', () => {
    const blind = showReport({ verdicts: [], incidents: [], sources: bothRead.slice(1), findings: [] }, options);
    expect(blind[0]).toBe('Nothing to explain: without a denokv log nobody knows which requests failed.');
  });

  test('escapes what the logs say', () => {
    const hostile = makeVerdict({ symptom: { ...base.symptom, text: '\x1b]0;owned\x07', file: 'a\x1b.log' } });
    const shown = showReport({ ...report, verdicts: [hostile], findings: ['\x9b2J'] }, options).join('\n');
    expect(shown).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(shown).toContain('\\e]0;owned\\x07');
  });
});

describe('listGaps', () => {
  test('names kinds of log that are missing; a file that was not understood does not count', () => {
    expect(listGaps(sumOf([]).gaps, [makeSource({ kind: 'postgres', detection: null, state: 'failing' })], [])).toEqual(
      [
        'No denokv log was read: the 500s that it answered are not known.',
        "No Postgres log was read: causes rest on denokv's own text, and no Postgres line can be named.",
        '/var/log/denokv.log: not read: its format is not recognised',
      ],
    );
  });

  test('misses no Postgres log where denokv runs on SQLite', () => {
    const verdict = makeVerdict({ postgres: null, coverage: { ...base.coverage, postgres: 'absent' } });
    expect(listGaps(sumOf([verdict]).gaps, [makeSource()], [], 'sqlite')).toEqual([]);
    expect(listGaps(sumOf([verdict]).gaps, [makeSource()], [], 'postgres')).toHaveLength(2);
  });

  test('names gaps, lines not understood and entries cut short', () => {
    const counts = { lines: 9, events: 1, statements: 0, unrecognised: 2, truncated: 1, example: 'huh' };
    const [denokv, postgres] = bothRead;
    const sources = [{ ...(denokv ?? makeSource()), gaps: 1, counts }, postgres ?? makeSource()];
    expect(listGaps(sumOf([]).gaps, sources, [])).toEqual([
      '/var/log/denokv.log: 2 of 9 lines not understood, such as: huh',
      '/var/log/denokv.log: 1 gap, lines are missing there.',
      '/var/log/denokv.log: 1 entry cut short.',
    ]);
    // A finding of the engine says it already.
    expect(listGaps(sumOf([]).gaps, sources, ['/var/log/denokv.log: odd'])[1]).toBe(
      '/var/log/denokv.log: 1 gap, lines are missing there.',
    );
  });

  const entry = { file: 'a', line: 2, byteStart: 0, byteEnd: 1, pid: 1, at: null, text: 'ERROR:  x' };

  test('tells guesses, unknown causes, provisional verdicts and why lines are missing apart', () => {
    const verdicts = [
      makeVerdict({
        cause: { ...base.cause, id: 'unknown' },
        postgres: null,
        coverage: { ...base.coverage, postgres: 'absent' },
      }),
      makeVerdict({ postgres: { ...entry, confidence: 0.5 }, alternatives: [{ file: 'a', line: 1, confidence: 0.5 }] }),
      makeVerdict({ coverage: { ...base.coverage, settled: false } }),
    ];
    expect(listGaps(sumOf(verdicts).gaps, bothRead, [])).toEqual([
      '1 failure of unknown cause.',
      '1 failure without a Postgres line: no Postgres log covers them: 1 unknown.',
      '1 failure where several Postgres lines fit about as well: the cause stands, the very line is a guess.',
      '1 verdict provisional: a log ends too soon after them.',
    ]);
  });
});
