import type {
  Dropped,
  FailureFilter,
  FailureMoment,
  IndexReader,
  LogGap,
  SourceStatus,
  TimePrecision,
  Verdict,
} from '../../src/domain.ts';

/** A verdict with everything in it; `overrides` replaces whole fields. */
export function makeVerdict(overrides: Partial<Verdict> = {}): Verdict {
  return {
    kind: 'failure',
    id: 'f_0001aaaa',
    at: '2026-11-23T10:22:05.000Z',
    atPrecision: 'second',
    status: 500,
    operation: 'atomic_write',
    requestId: null,
    symptom: {
      source: 'denokv',
      file: 'denokv.log',
      line: 124,
      byteStart: 9120,
      byteEnd: 9310,
      text: 'Database error: Database error: db error: ERROR: deadlock detected',
    },
    cause: {
      id: 'deadlock',
      category: 'deadlock',
      sqlstate: '40P01',
      summary: 'Two transactions waited for each other and Postgres ended this one.',
      confidence: 0.996,
      certainty: 'certain',
    },
    postgres: {
      file: 'postgresql.log',
      line: 456,
      byteStart: 100,
      byteEnd: 900,
      pid: 3121,
      at: '2026-11-23T10:22:05.123Z',
      confidence: 0.97,
      text: 'ERROR:  deadlock detected\nDETAIL:  Process 3121 waits for ShareLock',
    },
    alternatives: [],
    root: null,
    evidence: [{ rule: 'same_text', weight: 4.2, says: 'both logs say the same text' }],
    remedies: [{ do: 'Write keys in a fixed order.', why: 'Opposite orders lock each other out.' }],
    coverage: { denokv: 'complete', postgres: 'complete', settled: true },
    issue: 'i_1',
    ...overrides,
  };
}

/** A request without an answer, with everything in it. */
export function makeDropped(overrides: Partial<Dropped> = {}): Dropped {
  return {
    kind: 'dropped',
    id: 'd_0001aaaa',
    at: '2026-11-23T10:40:00.000Z',
    atPrecision: 'millisecond',
    status: 502,
    operation: 'atomic_write',
    requestId: 'c0ffee00c0ffee00',
    client: '10.0.0.7',
    durationMs: 12,
    symptom: {
      source: 'proxy',
      file: 'access.json.log',
      line: 9,
      byteStart: 800,
      byteEnd: 900,
      text: 'POST /v2/atomic_write 502',
    },
    cause: { id: 'panic', summary: 'denokv panicked over this request.', confidence: 0.97, certainty: 'likely' },
    root: { cause: 'corrupted_data', file: 'denokv.log', line: 88, text: "thread 'tokio' panicked at src/main.rs" },
    evidence: [{ rule: 'panic', weight: 3.5, says: 'a panic stands where the answer should' }],
    remedies: [{ do: 'Read the panic.', why: 'It names the value that could not be read.' }],
    ...overrides,
  };
}

export function makeSource(overrides: Partial<SourceStatus> = {}): SourceStatus {
  return {
    kind: 'denokv',
    path: '/var/log/denokv.log',
    state: 'following',
    reason: null,
    hint: null,
    offset: 1_000,
    sizeBytes: 1_000,
    lagBytes: 0,
    gaps: 0,
    detection: { kind: 'denokv', format: 'denokv', linePrefix: null, confidence: 1 },
    counts: { lines: 20, events: 10, statements: 0, unrecognised: 0, truncated: 0, example: null },
    newestAt: '2026-11-23T10:22:05.000Z',
    ...overrides,
  };
}

/** An index in memory, with the promises of the real one: newest first, exclusive end, opaque cursors. */
export function memoryReader(
  verdicts: readonly Verdict[],
  sources: readonly SourceStatus[] = [makeSource()],
  gaps: readonly LogGap[] = [],
  dropped: readonly Dropped[] = [],
): IndexReader {
  const newestFirst = [...verdicts].sort((one, other) => usOf(other) - usOf(one));
  const select = (filter: FailureFilter): readonly Verdict[] => newestFirst.filter((verdict) => fits(verdict, filter));
  return {
    failureById: (id) => verdicts.find((verdict) => verdict.id === id) ?? null,
    failuresByIds: (ids) => ids.flatMap((id) => verdicts.filter((verdict) => verdict.id === id)),
    failures(filter, { limit, cursor }) {
      const found = select(filter);
      const start = cursor === null ? 0 : Number(cursor);
      const end = start + limit;
      return { items: found.slice(start, end), nextCursor: end < found.length ? String(end) : null };
    },
    failuresByIdPrefix: (prefix, limit) => newestFirst.filter(({ id }) => id.startsWith(prefix)).slice(0, limit),
    failuresByRequest: (requestId, limit) =>
      newestFirst.filter((verdict) => verdict.requestId === requestId).slice(0, limit),
    droppedById: (id, limit) => dropped.filter((one) => one.id === id || one.requestId === id).slice(0, limit),
    failuresByKey: (key, limit) => {
      const bytea = `\\x${Buffer.from(key).toString('hex')}`;
      return newestFirst.filter(({ postgres }) => postgres?.text.includes(bytea) === true).slice(0, limit);
    },
    groupFailures(filter, limit) {
      const found = select(filter);
      const issues = [...new Set(found.map(({ issue }) => issue))];
      const groups = issues.slice(0, limit).flatMap((issue) => {
        const [newest, ...others] = found.filter((verdict) => verdict.issue === issue);
        return newest === undefined ? [] : [{ issue, newest, count: 1 + others.length }];
      });
      return { total: found.length, groups };
    },
    momentsWithin: (sinceUs, untilUs, limit) => select({ sinceUs, untilUs }).flatMap(momentOf).slice(0, limit),
    momentsNear: (us, limit) =>
      [...verdicts]
        .sort((one, other) => Math.abs(usOf(one) - us) - Math.abs(usOf(other) - us))
        .flatMap(momentOf)
        .slice(0, limit),
    sources: () => sources,
    gaps: (limit) => gaps.slice(0, limit),
  };
}

function fits(verdict: Verdict, filter: FailureFilter): boolean {
  const us = usOf(verdict);
  const text = `${verdict.symptom.text}\n${verdict.postgres?.text ?? ''}`.toLowerCase();
  return (
    (filter.sinceUs === undefined || us >= filter.sinceUs) &&
    (filter.untilUs === undefined || us < filter.untilUs) &&
    (filter.cause === undefined || verdict.cause.id === filter.cause) &&
    (filter.operation === undefined || verdict.operation === filter.operation) &&
    (filter.sqlstate === undefined || verdict.cause.sqlstate === filter.sqlstate) &&
    (filter.issue === undefined || verdict.issue === filter.issue) &&
    (filter.certainty === undefined || verdict.cause.certainty === filter.certainty) &&
    (filter.text === undefined || text.includes(filter.text.toLowerCase()))
  );
}

function usOf(verdict: Verdict): number {
  return verdict.at === null ? 0 : Date.parse(verdict.at) * 1_000;
}

const WIDTH_US: Readonly<Record<TimePrecision, number>> = { second: 1_000_000, millisecond: 1000, microsecond: 1 };

function momentOf(verdict: Verdict): readonly FailureMoment[] {
  const { id, issue, at, atPrecision } = verdict;
  const startUs = usOf(verdict);
  return at === null ? [] : [{ id, issue, startUs, endUs: startUs + WIDTH_US[atPrecision ?? 'second'] }];
}
