import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceConfig } from '../../src/config/config.ts';
import { Ingest } from '../../src/live/ingest.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';
import type { FollowedFile } from '../../src/tailers/tail-handler.ts';
import { checkpointAt } from '../store/samples.ts';

const SOURCE: SourceConfig = { kind: 'postgres', paths: [], linePrefix: null, timezone: null };

let folder: string;
let index: WhydIndex;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whyd-flush-'));
  index = openIndex(join(folder, 'whyd.db'));
});

afterEach(() => {
  index.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a log that cannot be looked at holds back the last entry of no other', () => {
  let nowMs = 0;
  let stale: FollowedFile | null = null;
  const followed: FollowedFile[] = [];
  const ingest = new Ingest({
    index,
    sources: [SOURCE],
    files: {
      checkpoint: (fileId, safeOffset) => {
        // As a network's file system answers for a file that it has forgotten.
        if (fileId === stale?.fileId) throw Object.assign(new Error('ESTALE: stale file handle'), { code: 'ESTALE' });
        const file = followed.find((one) => one.fileId === fileId);
        return file === undefined ? null : checkpointAt(safeOffset, file);
      },
      countLines: () => 0,
    },
    sinceUs: null,
    startedMs: 0,
    onEvents: () => undefined,
    nowMs: () => nowMs,
  });
  for (const name of ['first', 'second']) {
    const identity = { dev: '1', ino: name, birthtimeNs: '1' };
    const opening = { kind: 'postgres', path: `/logs/${name}.log`, identity, generation: 0 } as const;
    followed.push({ ...opening, source: SOURCE, fileId: ingest.openFile(opening, null, null) });
  }
  for (const file of followed) {
    const bytes = Buffer.from(`2026-11-23 10:00:00.000 UTC [1] denokv@kv ERROR:  of ${file.path}\n`);
    ingest.onChunk({ fileId: file.fileId, byteStart: 0, bytes, startsGeneration: true }, file);
  }
  const stored = (): readonly number[] => index.eventsAfter(0).map(({ event }) => event.citation.fileId);
  expect(stored()).toEqual([]);
  stale = followed[0] ?? null;
  nowMs += 1000;
  expect(() => {
    ingest.flushIdle();
  }).toThrow('ESTALE');
  expect(stored()).toEqual([followed[1]?.fileId]);
  stale = null;
  ingest.flushIdle();
  expect(stored()).toEqual([followed[1]?.fileId, followed[0]?.fileId]);
  expect(ingest.hasPending).toBe(false);
});
