import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Dropped, Incident, IncidentRecord, LogEvent, Verdict } from '../../src/domain.ts';
import { isSpell } from '../../src/correlate/incidents/incidents.ts';
import { LiveJoiner } from '../../src/live/live-joiner.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { SavedRound, WhydIndex } from '../../src/store/whyd-index.ts';
import { context, entry, failure, Log, WRITE } from '../correlate/events.ts';
import { eventsOf } from '../correlate/window-of.ts';
import { logsOf } from '../golden/captures.ts';

const AS_IT_IS = { timezone: null, linePrefix: null, sinceUs: null, untilUs: null };
/** No failure waits longer than this for a late entry. */
const LONG_MS = 60_000;
const NO_RESTART = { isDenokvAhead: true, restarts: false };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-order-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A live joiner on an index of its own, with a clock that the test moves. */
class Live {
  readonly index: WhydIndex;
  readonly settled: Verdict[] = [];
  readonly saved: SavedRound[] = [];
  nowMs = 1_000_000;
  /** Whether the logs were read to their ends. */
  isRead = false;
  readonly #path: string;
  #joiner: LiveJoiner;
  readonly #fileIds: number[];

  constructor(paths: readonly string[]) {
    this.#path = join(folder, `${String(Math.random())}.db`);
    this.index = openIndex(this.#path, { isSpell });
    this.#fileIds = paths.map((path, n) =>
      this.index.openFile({
        kind: path.endsWith('denokv.log') ? 'denokv' : path.endsWith('access.json.log') ? 'proxy' : 'postgres',
        path,
        identity: { dev: '1', ino: String(n + 1), birthtimeNs: '1' },
        generation: 0,
      }),
    );
    this.#joiner = this.#start();
  }

  /** As the daemon does: committed first, then joined. */
  take(events: readonly LogEvent[]): void {
    const placed = events.map((event): LogEvent => ({
      ...event,
      citation: { ...event.citation, fileId: this.#fileIds[event.citation.fileId] ?? -1 },
    }));
    this.#joiner.add(this.index.commit({ events: placed, checkpoints: [] }));
  }

  join(): void {
    this.#joiner.join();
  }

  restart(): void {
    this.#joiner = this.#start();
  }

  /** Everything was read: what is open becomes final. */
  finish(): void {
    this.isRead = true;
    this.join();
    this.nowMs += LONG_MS;
    this.join();
  }

  verdicts(): readonly Verdict[] {
    return byId(this.index.failures({}, { limit: 1000, cursor: null }).items);
  }

  incidents(): readonly IncidentRecord[] {
    return this.index.incidents.page({}, { limit: 1000, cursor: null }, this.nowMs).items;
  }

  /** All that are stored, in order of time. */
  dropped(): readonly Dropped[] {
    const database = new Database(this.#path, { readonly: true });
    const ids = database.prepare<[], string>('SELECT id FROM dropped ORDER BY order_us, id').pluck().all();
    database.close();
    return ids.flatMap((id) => this.index.droppedById(id, 1));
  }

  #start(): LiveJoiner {
    return new LiveJoiner({
      index: this.index,
      identity: {},
      hasPostgres: true,
      nowMs: () => this.nowMs,
      onSettled: (verdict) => this.settled.push(verdict),
      onSaved: (saved) => this.saved.push(saved),
      readPast: () => this.isRead,
    });
  }
}

/** A live joiner that has read a capture to its end, all but the lines that are still on their way. */
async function liveWithout(
  capture: string,
  isLate: (event: LogEvent) => boolean,
): Promise<{ readonly paths: readonly string[]; readonly live: Live; readonly late: readonly LogEvent[] }> {
  const paths = logsOf(capture);
  const events = await eventsOf(paths);
  const live = new Live(paths);
  live.isRead = true;
  live.take(events.filter((event) => !isLate(event)));
  live.join();
  return { paths, live, late: events.filter(isLate) };
}

function byId(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function byTime(dropped: readonly Dropped[]): readonly Dropped[] {
  const keyOf = ({ at, id }: Dropped): string => `${at ?? ''} ${id}`;
  return dropped.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

describe.each(['stderr-15', 'proxy-15', 'journald-15'])('the live path on %s', async (capture) => {
  const paths = logsOf(capture);
  const events = await eventsOf(paths);
  const analyzed = await analyze(paths, AS_IT_IS);
  const expected = JSON.stringify(byId(analyzed.verdicts));
  const dropped = JSON.stringify(byTime(analyzed.dropped));

  it('ends with the verdicts of analyze, byte for byte, in whatever order and pieces the events come, with restarts and replays between', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
        fc.array(
          fc.record({
            share: fc.double({ min: 0, max: 1, noNaN: true }),
            restarts: fc.boolean(),
            replays: fc.boolean(),
          }),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        (order, cuts) => {
          const live = new Live(paths);
          const shuffled = order.flatMap((at) => events[at] ?? []);
          let from = 0;
          for (const { share, restarts, replays } of [...cuts, { share: 1, restarts: false, replays: true }]) {
            const to = share === 1 ? shuffled.length : from + Math.floor((shuffled.length - from) * share);
            live.take(shuffled.slice(from, to));
            if (replays) live.take(shuffled.slice(0, to));
            live.nowMs += 100;
            live.join();
            if (restarts) live.restart();
            from = to;
          }
          live.finish();
          expect(JSON.stringify(live.verdicts())).toBe(expected);
          expect(JSON.stringify(live.dropped())).toBe(dropped);
          live.index.close();
        },
      ),
      { numRuns: 5 },
    );
  });
});

/** By what an incident is found again, and what it explains. */
function namesOf(incidents: readonly (Incident | IncidentRecord)[]): readonly string[] {
  return incidents.map(({ id, cause, summary, failures }) => `${id} ${cause} ${summary}, ${String(failures)}`).sort();
}

/** Where both logs pause: what was read up to there can be judged. */
const PAUSE_US = 2_000_000;

describe.each(['stderr-15', 'csvlog-16', 'storm-15', 'bare-db-error-16'])('incidents of %s', async (capture) => {
  const paths = logsOf(capture);
  const events = (await eventsOf(paths)).toSorted((a, b) => (a.at?.us ?? 0) - (b.at?.us ?? 0));
  const analyzed = await analyze(paths, AS_IT_IS);
  const pauses = events.flatMap(({ at }, n) => ((at?.us ?? 0) - (events[n - 1]?.at?.us ?? 0) > PAUSE_US ? [n] : []));
  const stretch = fc.record({
    until: fc.constantFrom(...pauses, events.length),
    isDenokvAhead: fc.boolean(),
    restarts: fc.boolean(),
  });

  it('have the ids of analyze, whichever log is read ahead, and however failures settle, with restarts between', () => {
    expect(analyzed.incidents.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 6 }), (stretches) => {
        const live = new Live(paths);
        let from = 0;
        const inOrder = stretches.toSorted((a, b) => a.until - b.until);
        for (const { until, isDenokvAhead, restarts } of [...inOrder, { ...NO_RESTART, until: events.length }]) {
          const some = events.slice(from, until);
          live.isRead = false;
          for (const ahead of [isDenokvAhead, !isDenokvAhead]) {
            live.take(some.filter(({ format }) => (format === 'denokv') === ahead));
            live.nowMs += 100;
            live.join();
            if (restarts) live.restart();
          }
          live.finish();
          from = until;
        }
        expect(namesOf(live.incidents())).toEqual(namesOf(analyzed.incidents));
        live.index.close();
      }),
      { numRuns: 4 },
    );
  });
});

const NOTHING: SavedRound = { fresh: [], revised: [], settled: [], issueIds: [], incidentIds: [] };

/** Whether it is over is told by the clock. */
function withoutEnd(incident: IncidentRecord): IncidentRecord {
  return { ...incident, endAt: null };
}

/** Something that Postgres says so long after all else, and that means nothing. */
function quietEntry(events: readonly LogEvent[], passedS: number): LogEvent {
  const last = events.findLast(({ kind }) => kind === 'postgres_context' || kind === 'postgres_error');
  const us = Math.max(...events.map(({ at }) => at?.us ?? 0)) + passedS * 1e6;
  if (last?.kind !== 'postgres_error' && last?.kind !== 'postgres_context') throw new Error('no entry');
  const { citation } = last;
  const byteStart = citation.byteEnd + passedS;
  return {
    ...last,
    kind: 'postgres_context',
    severity: 'LOG',
    sqlstate: null,
    message: 'checkpoint complete: wrote 1 buffers',
    detail: null,
    statement: null,
    at: { us, precision: 'millisecond', zone: 'read' },
    citation: { ...citation, byteStart, byteEnd: byteStart + 1 },
  };
}

describe.each(['stderr-15', 'csvlog-16', 'storm-15', 'bare-db-error-16'])('a restart after %s', async (capture) => {
  const paths = logsOf(capture);
  const events = await eventsOf(paths);

  it('tells nothing again', () => {
    const live = new Live(paths);
    live.take(events);
    live.finish();
    const before = live.incidents();
    expect(before.length).toBeGreaterThan(0);
    live.saved.length = 0;
    live.restart();
    live.join();
    expect(live.saved).toEqual([NOTHING]);
    expect(live.incidents()).toEqual(before);
    live.index.close();
  });

  it('or in the minutes in which its events leave the window tells no incident anew, and finds no other', () => {
    const live = new Live(paths);
    live.take(events);
    live.finish();
    const before = live.incidents();
    live.saved.length = 0;
    for (let passedS = 5; passedS <= 900; passedS += 5) {
      live.take([quietEntry(events, passedS)]);
      live.join();
      if (passedS % 300 === 0) live.restart();
    }
    expect(live.saved.filter(({ incidentIds }) => incidentIds.length > 0)).toEqual([]);
    expect(live.incidents().map(withoutEnd)).toEqual(before.map(withoutEnd));
    live.index.close();
  });
});

describe('timeouts whose lock waits have left the window before them', () => {
  it('are not taken for statements that were slow themselves', () => {
    const [denokv, postgres] = [new Log('denokv.log', 0), new Log('postgresql.log', 1)];
    const WAIT = 'process 3121 still waiting for ShareLock on transaction 1078 after 1000.113 ms';
    const TIMEOUT = 'canceling statement due to statement timeout';
    const pids = [3121, 3122, 3123, 3124];
    const holder = { detail: 'Process holding the lock: 77. Wait queue: 3121, 3122, 3123, 3124.' };
    const live = new Live(['denokv.log', 'postgresql.log']);
    live.take([
      ...pids.map((pid) => context(postgres, 10, WAIT.replace('3121', String(pid)), { ...holder, pid })),
      ...pids.map((pid) => entry(postgres, 40, TIMEOUT, { statement: WRITE, sqlstate: '57014', pid })),
      ...pids.map(() => failure(denokv, 40, TIMEOUT)),
    ]);
    live.finish();
    const pileUp = live.incidents().map(withoutEnd);
    expect(pileUp).toMatchObject([{ cause: 'lock_pile_up', failures: 4 }]);
    for (let seconds = 45; seconds < 400; seconds += 5) {
      live.take([context(postgres, seconds, 'checkpoint complete: wrote 1 buffers')]);
      live.join();
    }
    expect(live.incidents().map(withoutEnd)).toEqual(pileUp);
    live.index.close();
  });
});

describe('a late entry', () => {
  it('revises what was said without it, and the revision is told and kept', async () => {
    const paths = logsOf('stderr-15');
    const events = await eventsOf(paths);
    const live = new Live(paths);
    live.take(events.filter(({ format }) => format === 'denokv'));
    live.join();
    const before = new Map(live.verdicts().map((verdict) => [verdict.id, verdict]));
    live.take(events.filter(({ format }) => format !== 'denokv'));
    live.nowMs += 100;
    live.join();
    const revised = live
      .verdicts()
      .filter(({ id, postgres }) => postgres !== null && before.get(id)?.postgres === null);
    expect(revised.length).toBeGreaterThan(10);
    for (const { id } of revised) expect(live.index.revisions(id)[0]).toEqual(before.get(id));
    live.index.close();
  });
});

describe('a panic', () => {
  it('is not taken for a request of its own while its proxy line is still to come', async () => {
    const { live, late } = await liveWithout('proxy-15', ({ format }) => format === 'proxy');
    live.nowMs += 3000;
    live.join();
    expect(live.dropped()).toEqual([]);
    live.take(late);
    live.finish();
    const panics = live.dropped().filter(({ cause }) => cause.id === 'panic');
    expect(panics).toHaveLength(8);
    for (const { status, requestId } of panics) {
      expect(status).toBe(502);
      expect(live.index.droppedById(requestId ?? '', 10).map(({ cause }) => cause.id)).toEqual(['panic']);
    }
    live.index.close();
  });
});

describe('a denokv whose log is still empty', () => {
  it('is not taken for one that logs no error before its lines have had time to come', async () => {
    const { paths, live, late } = await liveWithout('stderr-15', ({ format }) => format === 'denokv');
    live.nowMs += 20_000;
    live.join();
    expect(live.verdicts()).toEqual([]);
    live.take(late);
    live.finish();
    expect(JSON.stringify(live.verdicts())).toBe(JSON.stringify(byId((await analyze(paths, AS_IT_IS)).verdicts)));
    live.index.close();
  });
});

describe('waiting for a late entry', () => {
  it('joins nothing again while nothing comes', async () => {
    const { live } = await liveWithout('stderr-15', ({ format }) => format !== 'denokv');
    live.nowMs += 2500;
    live.join();
    const saves = vi.spyOn(live.index, 'transaction');
    for (let round = 0; round < 20; round++) {
      live.nowMs += 250;
      live.join();
    }
    expect(saves).not.toHaveBeenCalled();
    live.nowMs += LONG_MS;
    live.join();
    expect(saves).toHaveBeenCalled();
    expect(live.verdicts().every(({ coverage }) => coverage.settled)).toBe(true);
    live.index.close();
  });
});
