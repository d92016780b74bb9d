import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COUNTED_UP_TO } from '../../src/counted-up-to.ts';
import type { Incident, Verdict } from '../../src/domain.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';
import { denokvError, NOON_US, OPENING, postgresError, temporaryFolder, verdict } from './samples.ts';

const NOW_MS = NOON_US / 1000;
const HOUR_MS = 3_600_000;

let folder: ReturnType<typeof temporaryFolder>;
let index: WhydIndex;
beforeEach(() => {
  folder = temporaryFolder();
  index = openIndex(`${folder.path}/whyd.db`, { isSpell: () => true });
});
afterEach(() => {
  index.close();
  folder.remove();
});

function at(minutes: number): string {
  return new Date(NOW_MS + minutes * 60_000).toISOString();
}

function save(...verdicts: readonly Verdict[]): void {
  index.saveVerdicts(verdicts, NOW_MS);
}

function found(text: string): readonly string[] {
  return index.failures({ text }, { limit: 10, cursor: null }).items.map(({ id }) => id);
}

describe('words', () => {
  test('are found in any order, the last cut short, newest first', () => {
    save(
      verdict('f_a', { at: at(0), text: 'duplicate key value violates unique constraint "kv_pkey"' }),
      verdict('f_b', { at: at(1), text: 'Duplicate KEY in another place' }),
      verdict('f_c', { at: at(2), text: 'deadlock detected' }),
    );
    expect(found('key duplicate')).toEqual(['f_b', 'f_a']);
    expect(found('duplicate key uniq')).toEqual(['f_a']);
    expect(found('kv_pkey')).toEqual(['f_a']);
    expect(index.groupFailures({ text: 'uplicate key in' }, 5).total).toBe(1);
  });

  test('a revised verdict is found by what it says now, a pruned one no more', () => {
    save(verdict('f_a', { text: 'first words', settled: false }));
    save(verdict('f_a', { text: 'other words' }));
    expect([found('first'), found('other')]).toEqual([[], ['f_a']]);
    while (index.prune({ days: 1, sizeBytes: 2 ** 40 }, NOW_MS + 48 * HOUR_MS)) {
      // Step by step.
    }
    expect(found('other')).toEqual([]);
  });

  test('in their order come before the same words in another, and whole words before beginnings', () => {
    save(
      verdict('f_order', { at: at(0), issue: 'i_1', text: 'lock timeout reached' }),
      verdict('f_other', { at: at(1), issue: 'i_2', text: 'timeout while a lock was held' }),
      verdict('f_longer', { at: at(2), issue: 'i_3', text: 'lock timeouts' }),
    );
    const first = (text: string) => index.groupFailures({ text }, 5).groups.map(({ newest }) => newest.id);
    expect(first('lock timeout')).toEqual(['f_order']);
    expect(first('held timeout')).toEqual(['f_other']);
    expect(first('lock timeo')).toEqual(['f_longer', 'f_order']);
    expect(first('timeouts lock')).toEqual(['f_longer']);
  });

  test('with accents are found without them, and beginnings of many words too', () => {
    save(
      verdict('f_a', { at: at(0), text: 'Datenbank schließt für Übertragung' }),
      ...Array.from({ length: 100 }, (_, number) => verdict(`f_n${String(number)}`, { text: `x7${String(number)}` })),
    );
    expect([found('ubertr'), found('Übertr'), found('fur Datenb')]).toEqual([['f_a'], ['f_a'], ['f_a']]);
    expect(index.groupFailures({ text: 'x7' }, 5).total).toBe(100);
    expect(index.groupFailures({ text: 'x8' }, 5).total).toBe(0);
  });

  test('of an incident are looked for where its failures lie', () => {
    const [fall, other] = [verdict('f_in', { at: at(5), text: 'same words' }), verdict('f_out', { at: at(6) })];
    index.saveRound({ verdicts: [fall, other], incidentOf: new Map([['f_in', 'n_1']]) }, NOW_MS);
    const of = (incident: string, text?: string) =>
      index
        .failures({ incident, ...(text === undefined ? {} : { text }) }, { limit: 5, cursor: null })
        .items.map(({ id }) => id);
    expect([of('n_1', 'words'), of('n_1', 'absent'), of('n_2', 'words'), of('n_1')]).toEqual([
      ['f_in'],
      [],
      [],
      ['f_in'],
    ]);
  });

  test('that are none are looked for as they stand, page by page', () => {
    save(
      verdict('f_a', { at: at(0), text: 'a -->> b' }),
      verdict('f_b', { at: at(1), text: 'c -->> d' }),
      verdict('f_c', { at: at(2), text: 'e' }),
    );
    const first = index.failures({ text: '-->>' }, { limit: 1, cursor: null });
    const second = index.failures({ text: '-->>' }, { limit: 1, cursor: first.nextCursor });
    expect([first, second].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(['f_b', 'f_a']);
    expect(second.nextCursor).toBeNull();
  });

  test('a piece of a word is found in what issues say, however old their failures', () => {
    save(verdict('f_old', { at: at(0), issue: 'i_1', text: 'a remarkable thing' }));
    save(
      ...Array.from({ length: 1600 }, (_, number) =>
        verdict(`f_${String(number)}`, { at: at(1), issue: 'i_2', byteStart: number, text: 'nothing' }),
      ),
    );
    expect(index.groupFailures({ text: 'emarkabl' }, 5)).toMatchObject({
      total: 1,
      groups: [{ issue: 'i_1', count: 1 }],
    });
    expect(['EMARKABL', 'emar%abl', 'emar_abl'].map((text) => index.groupFailures({ text }, 5).total)).toEqual([
      1, 0, 0,
    ]);
  });

  test('no text is a syntax error', () => {
    save(verdict('f_a', { text: 'some words' }));
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('"', 'a OR', 'NEAR(', '*', 'x:y', '^a', '{b}: c', "'", '-', 'AND')),
        (text) => {
          if (text === '') return;
          expect(() => index.failures({ text }, { limit: 1, cursor: null })).not.toThrow();
          expect(() => index.groupFailures({ text, cause: 'deadlock' }, 5)).not.toThrow();
        },
      ),
    );
  });

  test('pages of words survive inserts', () => {
    save(...[0, 1, 2, 3].map((minute) => verdict(`f_${String(minute)}`, { at: at(minute), text: 'same words' })));
    const first = index.failures({ text: 'same' }, { limit: 2, cursor: null });
    save(verdict('f_new', { at: at(9), text: 'same words' }));
    const second = index.failures({ text: 'same' }, { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['f_3', 'f_2', 'f_1', 'f_0']);
    expect(second.nextCursor).toBeNull();
    expect(() => index.failures({}, { limit: 2, cursor: first.nextCursor })).toThrow('cursor');
  });

  test('two filters at once', () => {
    save(
      verdict('f_a', { cause: 'deadlock', operation: 'atomic_write', at: at(0) }),
      verdict('f_b', { cause: 'disk_full', sqlstate: '53100', operation: 'atomic_write', at: at(1) }),
    );
    const filter = { cause: 'disk_full', operation: 'atomic_write' } as const;
    expect(index.failures(filter, { limit: 5, cursor: null }).items.map(({ id }) => id)).toEqual(['f_b']);
    expect(index.groupFailures({ ...filter, sinceUs: NOON_US + 120_000_000 }, 5).total).toBe(0);
  });

  test('thousands in one second keep an order', () => {
    save(...Array.from({ length: 3000 }, (_, number) => verdict(`f_${String(number)}`, { byteStart: number })));
    expect(index.groupFailures({ text: 'database' }, 5).total).toBe(COUNTED_UP_TO);
  });
});

describe('issues', () => {
  test('count what is final, and keep counting when it is pruned', () => {
    save(verdict('f_a', { at: at(0), settled: false }));
    expect(index.issues.byId('i_1', NOW_MS)).toBeNull();
    save(verdict('f_a', { at: at(0) }), verdict('f_b', { at: at(61) }));
    while (index.prune({ days: 1, sizeBytes: 2 ** 40 }, NOW_MS + 48 * HOUR_MS)) {
      // Step by step.
    }
    expect(index.issues.byId('i_1', NOW_MS + 48 * HOUR_MS)).toMatchObject({
      state: 'open',
      count: 2,
      flags: [],
      firstAt: at(0),
      lastAt: at(61),
      lastFailure: 'f_b',
      hourly: [
        { at: at(0), count: 1 },
        { at: at(60), count: 1 },
      ],
    });
  });

  test('regress when they come back after they were resolved, and not by a late line of before', () => {
    save(verdict('f_a', { at: at(0) }));
    index.issues.take('i_1', { kind: 'resolve' }, NOW_MS + 5 * 60_000);
    save(verdict('f_late', { at: at(4) }));
    expect(index.issues.byId('i_1', NOW_MS)?.state).toBe('resolved');
    save(verdict('f_back', { at: at(6) }));
    expect(index.issues.byId('i_1', NOW_MS)).toMatchObject({ state: 'open', flags: ['new', 'regressed'] });
  });

  test('escalate over what is usual for them', () => {
    const minutesOf = (hour: number, count: number): number[] =>
      Array.from({ length: count }, (_, at) => hour * 60 + at);
    const usual = [0, 1, 2, 3].flatMap((hour) => minutesOf(hour, 2));
    save(...usual.map((minute) => verdict(`f_${String(minute)}`, { at: at(minute) })));
    expect(index.issues.byId('i_1', NOW_MS + 5.5 * HOUR_MS)?.flags).toEqual(['new']);
    save(...minutesOf(5, 12).map((minute) => verdict(`f_${String(minute)}`, { at: at(minute) })));
    expect(index.issues.byId('i_1', NOW_MS + 5.5 * HOUR_MS)?.flags).toEqual(['new', 'escalating']);
  });

  test('take legal steps only; a mute ends by itself', () => {
    save(verdict('f_a'));
    expect(index.issues.take('i_none', { kind: 'resolve' }, NOW_MS)).toBeNull();
    expect(() => index.issues.take('i_1', { kind: 'reopen' }, NOW_MS)).toThrow('the issue is open');
    const muted = index.issues.take('i_1', { kind: 'mute', untilMs: NOW_MS + 1000 }, NOW_MS);
    expect([muted?.state, muted?.mutedUntil]).toEqual(['muted', new Date(NOW_MS + 1000).toISOString()]);
    const states = (nowMs: number): readonly number[] =>
      (['open', 'muted'] as const).map(
        (state) => index.issues.page({ state }, { limit: 5, cursor: null }, nowMs).items.length,
      );
    expect([states(NOW_MS), states(NOW_MS + 1000)]).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });
});

const incident: Incident = {
  id: 'n_1',
  cause: 'disk_full',
  category: 'resource',
  startUs: NOON_US,
  endUs: NOON_US + 5_000_000,
  summary: 'the disk under Postgres was full',
  opening: { fileId: 1, file: 'postgresql.log', line: 7, lines: 1, byteStart: 10, byteEnd: 20 },
  text: 'could not extend file',
  failures: 3,
  share: 1,
  evidence: [],
};

test('an incident whose beginning has left the window is still the same one', () => {
  const two = [verdict('f_a', { at: at(0) }), verdict('f_b', { at: at(0.1) })];
  index.saveRound({ verdicts: two.slice(0, 1), incidents: [incident], incidentOf: new Map([['f_a', 'n_1']]) }, NOW_MS);
  const later = { ...incident, id: 'n_2', startUs: NOON_US + 4_000_000, endUs: NOON_US + 9_000_000 };
  const saved = index.saveRound(
    { verdicts: two.slice(1), incidents: [later], incidentOf: new Map([['f_b', 'n_2']]) },
    NOW_MS,
  );
  expect(saved.incidentIds).toEqual(['n_1']);
  const page = index.incidents.page({}, { limit: 5, cursor: null }, NOW_MS + 3 * HOUR_MS);
  expect(page.items).toMatchObject([{ id: 'n_1', startAt: at(0), endAt: at(0.15), failures: 2, share: 1, line: 7 }]);
  expect(index.failures({ incident: 'n_1' }, { limit: 5, cursor: null }).items.map(({ id }) => id)).toEqual([
    'f_b',
    'f_a',
  ]);
  expect(index.issues.byId('i_1', NOW_MS)?.incident).toBe('n_1');
  expect(index.incidents.page({ open: true }, { limit: 5, cursor: null }, NOW_MS + 3 * HOUR_MS).items).toEqual([]);
});

test('parts of an incident become one, named after the first, when the failure between them settles last', () => {
  const [first, second, between] = [verdict('f_a', { at: at(0) }), verdict('f_b'), verdict('f_c')];
  const part = (id: string, fromS: number, toS: number): Incident => ({
    ...incident,
    id,
    startUs: NOON_US + fromS * 1_000_000,
    endUs: NOON_US + toS * 1_000_000,
  });
  const parts = [part('n_1', 0, 5), part('n_2', 20, 25)];
  const incidentOf = new Map([
    ['f_a', 'n_1'],
    ['f_b', 'n_2'],
  ]);
  index.saveRound({ verdicts: [first, second], incidents: parts, incidentOf }, NOW_MS);
  const ids = () => index.incidents.page({}, { limit: 5, cursor: null }, NOW_MS).items.map(({ id }) => id);
  expect(ids()).toEqual(['n_2', 'n_1']);
  // The first failure of all is the last to settle: it gives the name.
  const whole = { verdicts: [between], incidents: [part('n_0', -3, 25)], incidentOf: new Map([['f_c', 'n_0']]) };
  expect(index.saveRound(whole, NOW_MS).incidentIds).toEqual(['n_0']);
  expect(ids()).toEqual(['n_0']);
  expect(index.incidents.byId('n_0', NOW_MS)).toMatchObject({ startAt: at(-0.05), failures: 3 });
  // A window that has lost its beginning changes neither name nor start.
  index.saveRound({ verdicts: [], incidents: [part('n_2', 20, 26)], incidentOf: new Map([['f_b', 'n_2']]) }, NOW_MS);
  expect(index.incidents.byId('n_0', NOW_MS)).toMatchObject({ startAt: at(-0.05), failures: 3 });
  expect(ids()).toEqual(['n_0']);
});

test('a key is found in the lines of both logs', () => {
  const key = Buffer.from('0275736572730002616c69636500', 'hex');
  const pg = index.openFile(OPENING);
  const denokv = index.openFile({ ...OPENING, kind: 'denokv', path: '/logs/denokv.log', generation: 1 });
  const entry = { ...postgresError(pg, 40, NOON_US), detail: `Key (key)=(\\x${key.toString('hex')}) already exists.` };
  const symptom = { ...denokvError(denokv, 9, NOON_US), text: `db error: \\x${key.toString('hex')}` };
  index.commit({ events: [entry, symptom], checkpoints: [] });
  const postgres = {
    file: 'postgresql.log',
    line: 1,
    byteStart: 40,
    byteEnd: 50,
    pid: 1,
    at: null,
    confidence: 1,
    text: '',
  };
  const byEntry: Verdict = { ...verdict('f_entry'), postgres };
  index.saveVerdicts(
    [byEntry, verdict('f_symptom', { byteStart: 9 })],
    NOW_MS,
    new Map([['f_symptom', { fileId: denokv, byteStart: 9 }]]),
  );
  const ids = (bytes: Buffer): readonly string[] =>
    index
      .failuresByKey(bytes, 10)
      .map(({ id }) => id)
      .sort();
  expect(ids(key)).toEqual(['f_entry', 'f_symptom']);
  expect(ids(key.subarray(0, 7))).toEqual(['f_entry', 'f_symptom']);
  expect(ids(Buffer.from('02626f6200', 'hex'))).toEqual([]);
});

test('events are walked newest first, filtered, page by page', () => {
  const pg = index.openFile(OPENING);
  const events = Array.from({ length: 30 }, (_, at) =>
    postgresError(pg, at * 10, NOON_US + at * 1000, at % 3 === 0 ? 'Third' : 'other'),
  );
  index.commit({ events: [...events, postgresError(pg, 1000, null, 'third without a time')], checkpoints: [] });
  const walk = (filter: Parameters<WhydIndex['events']>[0]): readonly string[] => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = index.events(filter, { limit: 4, cursor });
      seen.push(...page.items.map(({ event }) => String(event.citation.byteStart)));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return seen;
  };
  expect(walk({}).length).toBe(31);
  expect(walk({ text: 'third' })).toEqual([
    '1000',
    ...[27, 24, 21, 18, 15, 12, 9, 6, 3, 0].map((at) => String(at * 10)),
  ]);
  expect(walk({ kind: 'denokv_error' })).toEqual([]);
  expect(walk({ sqlstate: '40P01', untilUs: NOON_US + 2000 })).toEqual(['10', '0']);
});

test('an incident that shows late gets the failures that are final already, and says so once', () => {
  const verdicts = [verdict('f_a', { at: at(0) }), verdict('f_b', { at: at(0), byteStart: 9 })];
  index.saveRound({ verdicts }, NOW_MS);
  const incidentOf = new Map(verdicts.map(({ id }) => [id, incident.id]));
  const first = index.saveRound({ verdicts, incidents: [incident], incidentOf }, NOW_MS);
  const again = index.saveRound({ verdicts, incidents: [incident], incidentOf }, NOW_MS);
  expect([first.incidentIds, again.incidentIds]).toEqual([[incident.id], []]);
  expect(index.incidents.byId(incident.id, NOW_MS)).toMatchObject({ failures: 2, share: 1 });
  const third = verdict('f_c', { at: at(0), byteStart: 20 });
  incidentOf.set('f_c', incident.id);
  // Told before it is stored, as what is inferred is.
  index.saveRound({ verdicts: [], incidents: [incident], incidentOf }, NOW_MS);
  expect(index.saveRound({ verdicts: [third], incidents: [incident], incidentOf }, NOW_MS).incidentIds).toEqual([
    incident.id,
  ]);
  expect(index.incidents.byId(incident.id, NOW_MS)?.failures).toBe(3);
});

test('an incident that lasts a part of a second has its share of the failures of that second', () => {
  const short = { ...incident, startUs: NOON_US + 400_000, endUs: NOON_US + 700_000 };
  const verdicts = [0, 1, 2, 3].map((byteStart) => verdict(`f_${String(byteStart)}`, { at: at(0), byteStart }));
  const incidentOf = new Map([
    ['f_0', short.id],
    ['f_1', short.id],
    ['f_2', short.id],
  ]);
  index.saveRound({ verdicts, incidents: [short], incidentOf }, NOW_MS);
  expect(index.incidents.byId(short.id, NOW_MS)).toMatchObject({ failures: 3, share: 0.75 });
});

test('counts by the minute follow what is revised', () => {
  save(verdict('f_a', { settled: false }), verdict('f_b', { cause: 'disk_full' }));
  save(verdict('f_a', { cause: 'disk_full' }));
  expect(index.stats.minutes(NOON_US, NOON_US + 60_000_000)).toEqual({
    buckets: [{ us: NOON_US, causes: '{"disk_full":2}' }],
    totals: new Map([['disk_full', 2]]),
  });
});
