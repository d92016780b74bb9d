import { expect, test } from 'vitest';
import { SourceBook, type CountedLog } from '../../src/live/source-book.ts';
import { changedSources, sourcesChange } from '../../src/live/sources-change.ts';
import type { SourcesNow } from '../../src/live/api-messages.ts';
import type { FileStatus } from '../../src/tailers/tail-handler.ts';

const FILE: FileStatus = {
  kind: 'postgres',
  path: '/log/a',
  fileId: 1,
  state: 'following',
  reason: null,
  hint: null,
  offset: 10,
  sizeBytes: 10,
  lagBytes: 0,
  gaps: 0,
  atEnd: true,
  endSeenAtMs: 1,
};

function logWith(lines: number, changes: number): CountedLog {
  const counts = { lines, events: 0, statements: 0, unrecognised: 0, truncated: 0, example: 'x' };
  return { changes, read: () => ({ detection: null, counts, newestUs: null }) };
}

test('of a source of which nothing is new the same object is given', () => {
  let log = logWith(1, 1);
  const other = logWith(5, 1);
  const book = new SourceBook((fileId) => (fileId === 1 ? log : other));
  const files = (overrides: Partial<FileStatus>) => [
    { ...FILE, ...overrides },
    { ...FILE, path: '/log/b', fileId: 2 },
  ];
  const first = book.describe(files({}));
  expect(book.describe(files({ endSeenAtMs: 2 })).map((one, at) => one === first[at])).toEqual([true, true]);
  const grown = book.describe(files({ offset: 20, sizeBytes: 20 }));
  expect(grown.map((one, at) => one === first[at])).toEqual([false, true]);
  log = logWith(2, 2);
  const parsed = book.describe(files({ offset: 20, sizeBytes: 20 }));
  expect(parsed.map((one, at) => one === grown[at])).toEqual([false, true]);
  expect(parsed.map(({ counts }) => counts.lines)).toEqual([2, 5]);
});

test('what has changed is sent alone, and the other end has all of it', () => {
  const book = new SourceBook(() => undefined);
  const named = (...paths: readonly string[]): SourcesNow => ({
    sources: book.describe(paths.map((path) => ({ ...FILE, path, fileId: null }))),
    health: 'ok',
  });
  const rounds = [named('/a', '/b'), named('/a', '/b'), named('/a', '/c', '/d'), named('/a'), named()];
  let sent: SourcesNow | null = null;
  let kept: SourcesNow = { sources: [], health: 'starting' };
  const sizes = rounds.map((now) => {
    const change = sourcesChange(sent, now);
    sent = now;
    if (change !== null) kept = changedSources(kept, structuredClone(change));
    expect(kept).toEqual(now);
    return change?.changed.size ?? null;
  });
  expect(sizes).toEqual([2, null, 2, 0, 0]);
});
