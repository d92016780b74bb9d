import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import type { LogEvent, PostgresErrorEvent, Verdict } from '../../src/domain.ts';
import { captureNames, goldenOf, logsOf, placeOf } from '../golden/captures.ts';
import { eventsOf, windowOf } from './window-of.ts';

const STDERR = await eventsOf(logsOf('stderr-15'));

/** Moves Postgres' clock, as another host or a zone that was read wrongly would. */
function shifted(events: readonly LogEvent[], offsetUs: number): LogEvent[] {
  return events.map((event) =>
    event.format === 'postgres_stderr' && event.at !== null
      ? { ...event, at: { ...event.at, us: event.at.us + offsetUs } }
      : event,
  );
}

function joins(verdicts: readonly Verdict[]): string[] {
  return verdicts.map(({ symptom, cause, postgres, root }) =>
    [symptom.line, cause.id, placeOf(postgres), placeOf(root)].join(' '),
  );
}

describe('correlate', () => {
  it('is a function of the set of events: no order of arrival changes a byte', () => {
    const expected = JSON.stringify(correlate(windowOf(STDERR)).verdicts);
    fc.assert(
      fc.property(fc.shuffledSubarray([...STDERR.keys()], { minLength: STDERR.length }), (order) => {
        const shuffled = order.flatMap((at) => STDERR[at] ?? []);
        expect(JSON.stringify(correlate(windowOf(shuffled)).verdicts)).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['137 seconds of skew', 137_000_000],
    ['a zone read an hour wrong', 3_600_000_000],
    ['a zone half an hour off', -19_800_000_000],
  ])('finds %s between the two clocks, and joins as if there were none', (_, offsetUs) => {
    const straight = correlate(windowOf(STDERR));
    const skewed = correlate(windowOf(shifted(STDERR, -offsetUs)));
    expect(Math.abs(skewed.clockOffsetUs - offsetUs)).toBeLessThan(1_500_000);
    const same = joins(skewed.verdicts).filter((join, at) => join === joins(straight.verdicts)[at]).length;
    expect(same / straight.verdicts.length).toBeGreaterThan(0.98);
  });

  it("never joins another application's error, whatever its words and second", () => {
    const ours = STDERR.filter(
      (event): event is PostgresErrorEvent => event.kind === 'postgres_error' && event.user === 'denokv',
    );
    // A copy of each of our errors by somebody else, at the same moment.
    const others = ours.map((event) => ({
      ...event,
      user: 'webapp',
      application: 'webapp',
      citation: { ...event.citation, file: 'other.log', fileId: 99 },
    }));
    const { verdicts } = correlate(windowOf([...STDERR, ...others]));
    expect(verdicts.filter(({ postgres }) => postgres?.file === 'other.log')).toEqual([]);
    expect(joins(verdicts)).toEqual(joins(correlate(windowOf(STDERR)).verdicts));
  });

  it('needs no DETAIL, HINT or CONTEXT: a terse log gives the same causes, and as many lines', () => {
    const terse = STDERR.map((event) =>
      event.kind === 'postgres_error' ? { ...event, detail: null, hint: null, context: null } : event,
    );
    const straight = correlate(windowOf(STDERR)).verdicts;
    const { verdicts } = correlate(windowOf(terse));
    expect(verdicts.map(({ cause }) => cause.id)).toEqual(straight.map(({ cause }) => cause.id));
    expect(verdicts.filter(({ postgres }) => postgres !== null)).toHaveLength(
      straight.filter(({ postgres }) => postgres !== null).length,
    );
  });

  it('says "absent" and keeps to what the words prove when there is no Postgres log', () => {
    const window = windowOf(STDERR.filter(({ format }) => format === 'denokv'));
    const { verdicts } = correlate({ ...window, coverage: { ...window.coverage, postgres: null } });
    expect(verdicts.length).toBe(correlate(windowOf(STDERR)).verdicts.length);
    for (const { postgres, coverage } of verdicts) {
      expect(postgres).toBeNull();
      expect(coverage.postgres).toBe('absent');
    }
    expect(verdicts.some(({ cause }) => cause.id === 'deadlock' && cause.certainty === 'certain')).toBe(true);
  });

  it('infers the failures of a build that logs none of its errors, and marks them', () => {
    const silent = STDERR.filter(({ kind }) => kind !== 'denokv_error');
    const { verdicts } = correlate(windowOf(silent));
    const golden = new Set(goldenOf('stderr-15').flatMap(({ postgres }) => placeOf(postgres) ?? []));
    expect(verdicts.length).toBeGreaterThan(golden.size * 0.9);
    for (const { inferred, symptom, postgres } of verdicts) {
      expect(inferred).toBe(true);
      expect(symptom.source).toBe('postgres');
      expect(golden).toContain(placeOf(postgres));
    }
  });

  it('infers nothing where denokv logs its errors', () => {
    for (const { inferred } of correlate(windowOf(STDERR)).verdicts) expect(inferred).toBeUndefined();
  });

  it('joins three equal errors of one second honestly: the line is a guess and says so', () => {
    const one = STDERR.find((event) => event.kind === 'denokv_error' && event.body.kind === 'server');
    const entry = STDERR.find((event) => event.kind === 'postgres_error' && event.user === 'denokv');
    if (one?.kind !== 'denokv_error' || one.body.kind !== 'server' || entry?.kind !== 'postgres_error')
      throw new Error('fixture');
    const { message, detail, hint } = one.body.error;
    const at = one.at;
    const said = [0, 1, 2].map((i) => ({ ...one, citation: { ...one.citation, line: 10 + i, byteStart: 1000 + i } }));
    const logged = [0].map((i) => ({
      ...entry,
      at,
      message,
      detail,
      hint,
      statement: null,
      citation: { ...entry.citation, line: 20 + i, byteStart: 2000 + i },
    }));
    const { verdicts } = correlate(windowOf([...said, ...logged]));
    const total = verdicts.reduce((sum, { postgres }) => sum + (postgres?.confidence ?? 0), 0);
    expect(verdicts).toHaveLength(3);
    expect(total).toBeLessThanOrEqual(1.01);
    for (const { postgres } of verdicts) expect(postgres?.confidence ?? 0).toBeLessThan(0.5);
  });
});

describe('calibration over all captures', async () => {
  const answers: { readonly said: number; readonly right: boolean; readonly certain: boolean }[] = [];
  const lines: { readonly said: number; readonly right: boolean }[] = [];
  for (const capture of captureNames()) {
    const golden = new Map(goldenOf(capture).map((row) => [placeOf(row.symptom), row]));
    for (const { symptom, cause, postgres } of correlate(windowOf(await eventsOf(logsOf(capture)))).verdicts) {
      const row = golden.get(placeOf(symptom));
      if (row === undefined) continue;
      const right = row.cause === cause.id || (row.accept ?? []).includes(cause.id);
      answers.push({ said: cause.confidence, right, certain: cause.certainty === 'certain' });
      if (postgres === null) continue;
      const place = placeOf(postgres);
      lines.push({
        said: postgres.confidence,
        right: place === placeOf(row.postgres) || place === placeOf(row.postgresAccept),
      });
    }
  }

  it('is right in at least 99 of 100 causes that it calls certain', () => {
    const certain = answers.filter((answer) => answer.certain);
    expect(certain.length).toBeGreaterThan(300);
    expect(certain.filter(({ right }) => right).length / certain.length).toBeGreaterThanOrEqual(0.99);
  });

  it('is right in at least 98 of 100 lines that it calls sure', () => {
    const sure = lines.filter(({ said }) => said >= 0.99);
    expect(sure.length).toBeGreaterThan(150);
    expect(sure.filter(({ right }) => right).length / sure.length).toBeGreaterThanOrEqual(0.98);
  });

  it('means what it says: the mean confidence of the lines is the share that is right, within five in a hundred', () => {
    const said = lines.reduce((sum, line) => sum + line.said, 0) / lines.length;
    const right = lines.filter((line) => line.right).length / lines.length;
    expect(Math.abs(said - right)).toBeLessThan(0.05);
  });
});
