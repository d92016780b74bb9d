import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogEvent } from '../../src/domain.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';
import { NOON_US, OPENING, checkpointAt, denokvError, postgresError, temporaryFolder } from './samples.ts';

let folder: ReturnType<typeof temporaryFolder>;
let index: WhydIndex;
let fileId: number;

beforeEach(() => {
  folder = temporaryFolder();
  index = openIndex(join(folder.path, 'whyd.db'));
  fileId = index.openFile(OPENING);
});

afterEach(() => {
  index.close();
  folder.remove();
});

function commit(...events: readonly LogEvent[]): number {
  return index.commit({ events, checkpoints: [] }).length;
}

describe('events', () => {
  test('come back as they went in, also through a reopened index', () => {
    const gap: LogEvent = {
      kind: 'gap',
      format: 'postgres_stderr',
      at: null,
      citation: { fileId, file: 'postgresql.log', line: 9, lines: 0, byteStart: 99, byteEnd: 99 },
      reason: 'truncated',
      bytesLost: null,
    };
    const events = [
      postgresError(fileId, 0, NOON_US, 'naïve — “ü” \u0000 \u{1f4a5}'),
      denokvError(fileId, 10, NOON_US),
      gap,
    ];
    expect(commit(...events)).toBe(3);
    index.close();
    index = openIndex(join(folder.path, 'whyd.db'), { readOnly: true });
    expect(index.eventsAfter(0).map((one) => one.event)).toEqual(events);
  });

  test('a replay changes nothing, not even ids', () => {
    const events = [postgresError(fileId, 0, NOON_US), postgresError(fileId, 10, NOON_US + 1)];
    commit(...events);
    const before = index.eventsAfter(0);
    expect(commit(...events)).toBe(0);
    expect(index.eventsAfter(0)).toEqual(before);
  });

  test('a fuller version replaces the earlier one, and is new to whoever asks for what came after', () => {
    commit(postgresError(fileId, 0, NOON_US), postgresError(fileId, 10, NOON_US));
    const seen = index.eventsAfter(0).at(-1)?.id ?? 0;
    const fuller = { ...postgresError(fileId, 0, NOON_US), detail: 'Process 1 waits for ShareLock' };
    expect(commit(fuller)).toBe(1);
    expect(index.eventsAfter(seen).map((one) => one.event)).toEqual([fuller]);
    expect(index.eventsBetween(NOON_US, NOON_US + 1)).toHaveLength(2);
  });

  test('a window is half open, in order of time, file and byte', () => {
    const other = index.openFile({ ...OPENING, generation: 1 });
    commit(
      postgresError(other, 0, NOON_US + 5),
      postgresError(fileId, 20, NOON_US + 5),
      postgresError(fileId, 10, NOON_US + 5),
      postgresError(fileId, 30, NOON_US),
      postgresError(fileId, 40, NOON_US - 1),
      postgresError(fileId, 50, NOON_US + 9),
    );
    const places = index
      .eventsBetween(NOON_US, NOON_US + 9)
      .map((event) => [event.citation.fileId, event.citation.byteStart]);
    expect(places).toEqual([
      [fileId, 30],
      [fileId, 10],
      [fileId, 20],
      [other, 0],
    ]);
  });

  test('an event without a time stands with the timed one before it, or is asked for by id', () => {
    const timeless = index.openFile({ ...OPENING, generation: 7 });
    commit(
      postgresError(fileId, 0, NOON_US),
      postgresError(fileId, 10, null, 'first'),
      postgresError(fileId, 20, null, 'second'),
      postgresError(timeless, 0, null, 'of a log without times'),
    );
    const messages = index
      .eventsBetween(NOON_US, NOON_US + 1)
      .map((event) => ('message' in event ? event.message : ''));
    expect(messages).toEqual(['deadlock detected', 'first', 'second']);
    expect(index.eventsBetween(NOON_US + 1, NOON_US + 2)).toEqual([]);
    expect(index.untimedEvents(0).map((one) => one.event)).toMatchObject([{ message: 'of a log without times' }]);
  });

  test('events after an id come in pages', () => {
    commit(...Array.from({ length: 5 }, (_, place) => postgresError(fileId, place * 10, NOON_US)));
    const first = index.eventsAfter(0, 3);
    const second = index.eventsAfter(first.at(-1)?.id ?? 0, 3);
    expect([first.length, second.length]).toEqual([3, 2]);
  });
});

describe('checkpoints', () => {
  test('the same opening has the same id, another generation another one', () => {
    expect(index.openFile({ ...OPENING, path: '/logs/renamed' })).toBe(fileId);
    expect(index.openFile({ ...OPENING, generation: 1 })).not.toBe(fileId);
  });

  test('are found by identity (newest generation) and by path (not ended)', () => {
    const next: typeof OPENING = { ...OPENING, generation: 1 };
    index.commit({ events: [], checkpoints: [checkpointAt(10)] });
    const second = index.openFile(next);
    expect(index.checkpointByIdentity(OPENING.identity)).toMatchObject({ generation: 1, offset: 0, headBytes: 0 });
    index.commit({ events: [], checkpoints: [checkpointAt(77, next)] });
    expect(index.checkpointByIdentity(OPENING.identity)).toEqual(checkpointAt(77, next));
    expect(index.checkpointByPath(OPENING.path)).toEqual(checkpointAt(77, next));
    index.endFile(second);
    expect(index.checkpointByPath(OPENING.path)).toEqual(checkpointAt(10));
    expect(index.checkpointByPath('/logs/elsewhere')).toBeNull();
    expect(index.checkpointByIdentity({ ...OPENING.identity, ino: '1' })).toBeNull();
  });

  test('follow a file to its new name', () => {
    index.commit({ events: [], checkpoints: [{ ...checkpointAt(10), path: '/logs/postgresql.log.1' }] });
    expect(index.checkpointByPath('/logs/postgresql.log.1')).toMatchObject({ offset: 10 });
    expect(index.checkpointByPath(OPENING.path)).toBeNull();
  });

  test('a batch is all or nothing', () => {
    const stranger = checkpointAt(10, { ...OPENING, generation: 99 });
    expect(() =>
      index.commit({ events: [postgresError(fileId, 0, NOON_US)], checkpoints: [checkpointAt(5), stranger] }),
    ).toThrow(expect.objectContaining({ code: 'internal.unknown_file' }));
    expect(index.eventsAfter(0)).toEqual([]);
    expect(index.checkpointByPath(OPENING.path)).toMatchObject({ offset: 0 });
    expect(() => commit(postgresError(4711, 0, NOON_US))).toThrow(/FOREIGN KEY/);
  });

  test('an outer transaction takes the batch with it', () => {
    const act = (): void => {
      index.transaction(() => {
        commit(postgresError(fileId, 0, NOON_US));
        throw new Error('the daemon changed its mind');
      });
    };
    expect(act).toThrow('changed its mind');
    expect(index.eventsAfter(0)).toEqual([]);
  });
});

describe('sources', () => {
  test('are told from what is stored, one a path', () => {
    const detection = {
      kind: 'postgres',
      format: 'postgres_stderr',
      linePrefix: '%m [%p] ',
      confidence: 0.98,
    } as const;
    const counts = { lines: 5, events: 1, statements: 3, unrecognised: 1, truncated: 0, example: '???' };
    index.commit({
      events: [postgresError(fileId, 0, NOON_US), postgresError(fileId, 10, NOON_US - 1)],
      checkpoints: [checkpointAt(20)],
      facts: [{ fileId, detection, counts, gaps: 2, linesBefore: 5 }],
    });
    expect(index.sources()).toMatchObject([
      {
        path: OPENING.path,
        state: 'waiting',
        offset: 20,
        gaps: 2,
        detection,
        counts,
        newestAt: '2026-11-23T10:00:00.000Z',
      },
    ]);
  });

  test('are given back to a restart, with the line that the checkpoint stands before', () => {
    const counts = { lines: 5, events: 1, statements: 3, unrecognised: 1, truncated: 0, example: null };
    const facts = { fileId, detection: null, counts, gaps: 1, linesBefore: 4 };
    index.commit({ events: [], checkpoints: [checkpointAt(20)], facts: [facts] });
    expect(index.facts(fileId)).toEqual({ detection: null, counts, gaps: 1, linesBefore: 4, offset: 20 });
  });

  test('are told by the daemon while it runs', () => {
    const live = openIndex(join(folder.path, 'whyd.db'), { readOnly: true, liveSources: () => [] });
    expect(live.sources()).toEqual([]);
    live.close();
  });
});

test('what the daemon remembers is kept', () => {
  expect(index.meta('delay')).toBeNull();
  index.setMeta('delay', '1');
  index.setMeta('delay', '2');
  expect(index.meta('delay')).toBe('2');
});

describe('a text that is looked for in events', () => {
  test('is found in any case, in any language', () => {
    commit(
      postgresError(fileId, 0, NOON_US, 'ОШИБКА: Отношение "kv" не существует'),
      postgresError(fileId, 100, NOON_US + 1, 'Die Übertragung endete'),
      postgresError(fileId, 200, NOON_US + 2, 'deadlock detected'),
    );
    const found = (text: string): readonly number[] =>
      index.events({ text }, { limit: 10, cursor: null }).items.map(({ event }) => event.citation.byteStart);
    for (const text of ['Отношение', 'отношение', 'ошибка']) expect(found(text)).toEqual([0]);
    for (const text of ['Übertragung', 'übertragung', 'die üb']) expect(found(text)).toEqual([100]);
    for (const text of ['DEADLOCK', 'lock det']) expect(found(text)).toEqual([200]);
    expect(found('Überfall')).toEqual([]);
  });

  test('means its signs as they stand, however long it is', () => {
    commit(
      postgresError(fileId, 0, NOON_US, String.raw`share is 100%, path C:\data\kv_store`),
      postgresError(fileId, 100, NOON_US + 1, 'share is 1000, path C:/data/kv-store'),
      postgresError(fileId, 200, NOON_US + 2, `key "${'x'.repeat(60_000)}" is too long`),
    );
    const found = (text: string): readonly number[] =>
      index.events({ text }, { limit: 10, cursor: null }).items.map(({ event }) => event.citation.byteStart);
    for (const text of ['100%', 'kv_store', String.raw`c:\data`, '%,']) expect(found(text)).toEqual([0]);
    for (const text of ['100_', 'k%e', String.raw`\%`]) expect(found(text)).toEqual([]);
    for (const text of [`"${'X'.repeat(60_000)}"`, 'key "x']) expect(found(text)).toEqual([200]);
  });
});
