import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlate } from '../../src/correlate/correlate.ts';
import type { LogEvent, PostgresErrorEvent, Verdict } from '../../src/domain.ts';
import { captureNames, goldenOf, logsOf, placeOf } from '../golden/captures.ts';
import { at, entry, failure, Log, note, response, WRITE } from './events.ts';
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

  it.each([20_000, -20_000, 300_000, -300_000, 1_200_000, -1_200_000])(
    'finds %d us of skew between two fine clocks, and joins as if there were none',
    (offsetUs) => {
      const [denokv, postgres] = [new Log('denokv.log', 0), new Log('p', 1)];
      const events = Array.from({ length: 40 }, (_, n) => n * 0.4 + (n % 7) / 100).flatMap((second, n): LogEvent[] => [
        entry(postgres, second, 'boom', { at: at(second + offsetUs / 1e6, 'millisecond'), statement: WRITE, pid: n }),
        failure(denokv, second, 'boom', { at: at(second + 0.001, 'microsecond') }),
      ]);
      const { verdicts, clockOffsetUs } = correlate(windowOf(events), { identity: { user: 'denokv' } });
      expect(Math.abs(clockOffsetUs + offsetUs)).toBeLessThan(2000);
      expect(verdicts.map(({ postgres: line }) => line?.pid)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    },
  );

  it('finds the skew of a host whose seconds are cut, with a proxy in front of denokv that is finer', () => {
    const [denokv, postgres, proxy] = [new Log('denokv.log', 0), new Log('p', 1), new Log('access.log', 2)];
    const seconds = Array.from({ length: 60 }, (_, n) => n * 3 + (n % 10) / 10);
    const events = seconds.flatMap((second, n): LogEvent[] => [
      entry(postgres, second + 137, 'boom', { statement: WRITE, pid: n }),
      failure(denokv, second, 'boom'),
      response(proxy, second + 0.002, `r${String(n)}`),
    ]);
    const { verdicts } = correlate(windowOf(events), { identity: { user: 'denokv' } });
    expect(verdicts.map(({ postgres: line }) => line?.pid)).toEqual(seconds.map((_, n) => n));
    for (const { postgres: line } of verdicts) expect(line?.confidence).toBeGreaterThan(0.9);
  });

  it.each([-137, 3600])('finds a skew of %d s also where denokv quotes nothing', (skew) => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('p', 1)];
    const seconds = Array.from({ length: 30 }, (_, n) => n * 5 + ((n * n) % 4));
    const events = seconds.flatMap((second, n): LogEvent[] => [
      entry(postgres, second + skew, 'boom', { at: at(second + 0.3 + skew, 'millisecond'), statement: WRITE, pid: n }),
      failure(denokv, second, '', { text: 'Database error: db error', body: { kind: 'bare' } }),
    ]);
    const { verdicts } = correlate(windowOf(events), { identity: { user: 'denokv' } });
    expect(verdicts.map(({ postgres: line }) => line?.pid)).toEqual(seconds.map((_, n) => n));
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

describe('crowds', () => {
  const BOOM = 'could not extend file "base/1/2": No space left on device';
  const crowd = (lines: number, entries: number, more: Parameters<typeof failure>[3] = {}): LogEvent[] => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    return [
      ...Array.from({ length: lines }, () => failure(denokv, 1, BOOM, more)),
      ...Array.from({ length: entries }, () => entry(postgres, 1, BOOM, { statement: WRITE })),
    ];
  };
  const BARE = { body: { kind: 'bare' }, text: 'Database error: db error' } as const;

  it.each([
    ['as many lines as entries', 10_000, 10_000, {}],
    ['fewer entries', 3000, 2700, {}],
    ['fewer lines', 2000, 2500, {}],
    ['fewer entries, and no words', 2000, 1800, BARE],
  ])('of one second keep their cause, and claim no line that they cannot know: %s', (_, lines, entries, more) => {
    const { verdicts } = correlate(windowOf(crowd(lines, entries, more)));
    expect(verdicts).toHaveLength(lines);
    for (const { cause } of verdicts) expect(cause.id).toBe('disk_full');
    const middle = verdicts.slice(lines * 0.2, lines * 0.8);
    for (const { postgres } of middle) expect(postgres?.confidence ?? 0).toBeLessThan(0.3);
    const chance = middle.reduce((sum, { cause }) => sum + cause.confidence, 0) / middle.length;
    expect(chance).toBeGreaterThan(Math.min(1, entries / lines) - 0.06);
  });

  it('are found behind hundreds of entries that nobody claims', () => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const before = Array.from({ length: 400 }, (_, n) => entry(postgres, n, BOOM, { statement: WRITE }));
    const joined = [1000, 1010, 1020].flatMap((seconds) => [
      entry(postgres, seconds, BOOM, { statement: WRITE }),
      failure(denokv, seconds, BOOM),
    ]);
    const { verdicts } = correlate(windowOf([...before, ...joined]));
    expect(verdicts.map(({ postgres: found }) => found?.line)).toEqual([401, 402, 403]);
  });

  it('show the likeliest lines where none is worth naming', () => {
    const { verdicts } = correlate(windowOf(crowd(1500, 1000)));
    const unnamed = verdicts.filter(({ postgres }) => postgres === null);
    expect(unnamed.length).toBeGreaterThan(0);
    for (const { alternatives } of unnamed) expect(alternatives.length).toBeGreaterThan(0);
  });
});

describe('logs as they come', () => {
  it('joins the csv form of a log that was written in two forms, and no entry stands in its own way', () => {
    const mirrored = STDERR.flatMap((event): LogEvent[] =>
      event.format === 'postgres_stderr'
        ? [event, { ...event, format: 'postgres_csv', citation: { ...event.citation, file: 'pg.csv', fileId: 50 } }]
        : [event],
    );
    const straight = correlate(windowOf(STDERR)).verdicts;
    const { verdicts } = correlate(windowOf(mirrored));
    const confidences = (all: readonly Verdict[]) => all.map(({ postgres }) => postgres?.confidence ?? null);
    expect(confidences(verdicts)).toEqual(confidences(straight));
    for (const { postgres } of verdicts) if (postgres !== null) expect(postgres.file).toBe('pg.csv');
  });

  it('keeps two denokvs apart by the roles of their start-up lines, in one second and with one text', () => {
    const postgres = new Log('postgresql.log', 9);
    const roles = ['alpha', 'beta'];
    const told = roles.flatMap((user, n) => {
      const log = new Log(`${user}.log`, n);
      const identity = { backend: 'postgres', user, database: 'kv', application: null } as const;
      return [note(log, 0, { identity }), ...[5, 5, 5].map((seconds) => failure(log, seconds, 'boom'))];
    });
    const logged = ['beta', 'alpha', 'beta', 'alpha', 'alpha', 'beta'].map((user) =>
      entry(postgres, 5, 'boom', { user, database: 'kv', statement: WRITE }),
    );
    const { verdicts } = correlate(windowOf([...told, ...logged]));
    expect(verdicts.map(({ symptom, postgres: found }) => [symptom.file, found?.line])).toEqual([
      ...[2, 4, 5].map((line) => ['alpha.log', line]),
      ...[1, 3, 6].map((line) => ['beta.log', line]),
    ]);
  });

  it('is honest about two denokvs on one role: how their lines of one second interleave, no log tells', () => {
    const [one, other, postgres] = [new Log('one.log', 0), new Log('other.log', 1), new Log('p', 2)];
    // Pseudo-random: of each second's six entries three are either's, in an order that nobody logs.
    let seed = 7;
    const isOne = (): boolean => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) > 2 ** 30;
    const truth = new Map<string, number>();
    const events: LogEvent[] = [];
    for (let second = 0; second < 60; second++) {
      const owners = Array.from({ length: 6 }, isOne);
      for (const owner of owners) {
        const log = owner ? one : other;
        const line = failure(log, second, 'boom');
        const own = entry(postgres, second, 'boom', { statement: WRITE, pid: owner ? 1 : 2 });
        truth.set(placeOf(line.citation) ?? '', own.citation.line);
        events.push(line, own);
      }
    }
    const { verdicts } = correlate(windowOf(events), { identity: { user: 'denokv' } });
    const said = verdicts.reduce((sum, { postgres: line }) => sum + (line?.confidence ?? 0), 0) / verdicts.length;
    const isRight = ({ symptom, postgres: line }: Verdict): boolean => truth.get(placeOf(symptom) ?? '') === line?.line;
    const right = verdicts.filter(isRight).length / verdicts.length;
    expect(Math.abs(said - right)).toBeLessThan(0.06);
    expect(said).toBeLessThan(0.6);
    expect(new Set(verdicts.map(({ postgres: line }) => line?.line)).size).toBe(verdicts.length);
  });

  it('takes a log and its successor for one denokv', () => {
    const [older, newer, postgres] = [new Log('denokv.log.1', 0), new Log('denokv.log', 1), new Log('p', 2)];
    const events = [0, 4, 8, 12, 16].flatMap((second, n) => [
      failure(n < 3 ? older : newer, second, 'boom'),
      entry(postgres, second, 'boom', { statement: WRITE, pid: n }),
    ]);
    const { verdicts } = correlate(windowOf(events), { identity: { user: 'denokv' } });
    expect(verdicts.map(({ postgres: line }) => line?.line)).toEqual([1, 2, 3, 4, 5]);
    for (const { postgres: line } of verdicts) expect(line?.confidence).toBeGreaterThan(0.98);
  });

  it('follows one denokv through a restart under a renamed role: both names are its own, and a third is not', () => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('p', 1)];
    const startup = (second: number, user: string): LogEvent =>
      note(denokv, second, {
        topic: 'startup',
        identity: { user, database: null, application: 'denokv', backend: 'postgres' },
      });
    const met = (second: number, user: string): LogEvent[] => [
      entry(postgres, second, 'boom', { user: 'webapp', pid: 9, statement: WRITE }),
      entry(postgres, second, 'boom', { user, pid: second, statement: WRITE }),
      failure(denokv, second, 'boom'),
    ];
    const events = [startup(0, 'denokv'), ...met(10, 'denokv'), startup(20, 'kv_writer'), ...met(30, 'kv_writer')];
    const { verdicts } = correlate(windowOf(events));
    expect(verdicts.map(({ postgres: line }) => line?.pid)).toEqual([10, 30]);
  });

  it('explains failures of logs that print no time at all, by their order', () => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const { verdicts } = correlate(
      windowOf(
        ['a', 'b', 'c'].flatMap((message) => [
          entry(postgres, null, message, { statement: WRITE, pid: null }),
          failure(denokv, null, message),
        ]),
      ),
    );
    expect(verdicts.map(({ at, postgres: found }) => [at, found?.line])).toEqual([
      [null, 1],
      [null, 2],
      [null, 3],
    ]);
  });

  it('tells entries of unlike DETAIL apart where only some of them print it', () => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const { verdicts } = correlate(
      windowOf([
        entry(postgres, 1, 'boom', { detail: 'Key 2.', statement: WRITE }),
        entry(postgres, 1, 'boom', { detail: null, statement: WRITE }),
        failure(denokv, 1, 'boom', { detail: 'Key 1.' }),
        failure(denokv, 1, 'boom', { detail: 'Key 2.' }),
      ]),
    );
    for (const { symptom, postgres: found } of verdicts) if (symptom.line === 1) expect(found?.line ?? 2).toBe(2);
    expect(verdicts.some(({ postgres: found }) => found?.line === 1)).toBe(true);
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
