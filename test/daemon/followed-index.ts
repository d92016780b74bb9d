import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { SourceConfig } from '../../src/config/config.ts';
import type { GapEvent, LogEvent, SourceKind } from '../../src/domain.ts';
import { Ingest } from '../../src/live/ingest.ts';
import { openIndex } from '../../src/store/open-index.ts';
import type { WhydIndex } from '../../src/store/whyd-index.ts';
import { Tailer } from '../../src/tailers/tailer.ts';

/** Tailer, parsers and a real index, put together as the daemon does; it can be stopped and started again. */
export class FollowedIndex {
  readonly folder = mkdtempSync(join(tmpdir(), 'whyd-followed-'));
  readonly index: WhydIndex = openIndex(join(this.folder, 'whyd.db'));
  /** More may be put here before the start. */
  readonly sources: SourceConfig[];
  #tailer: Tailer | null = null;
  #ingest: Ingest | null = null;
  #unseenSinceMs = Date.now();
  /** A rotated file is given up soon, as nothing here writes to one for long. */
  lingerMs = 300;

  /** @param paths below the folder */
  constructor(kind: SourceKind, paths: readonly string[]) {
    this.sources = [{ kind, paths: paths.map((path) => join(this.folder, path)), linePrefix: null, timezone: null }];
  }

  async start(): Promise<void> {
    const { index, sources } = this;
    this.#ingest = new Ingest({
      index,
      sources,
      files: {
        checkpoint: (fileId, safeOffset) => this.#tailer?.checkpoint(fileId, safeOffset) ?? null,
        countLines: (fileId, from, to) => this.#tailer?.countLines(fileId, from, to) ?? null,
      },
      sinceUs: null,
      startedMs: 0,
      onEvents: () => undefined,
      nowMs: Date.now,
    });
    this.#tailer = new Tailer({
      sources,
      handler: this.#ingest,
      checkpoints: {
        byIdentity: (identity) => index.checkpointByIdentity(identity),
        byPath: (path) => index.checkpointByPath(path),
        inFolder: (folder) => index.checkpointsInFolder(folder),
        generations: (identity) => index.generations(identity),
        openedAtMs: (checkpoint) => index.openedAtMs(checkpoint),
      },
      watch: false,
      pollIntervalMs: 5,
      rescanIntervalMs: 5,
      graceMs: 20,
      lingerMs: this.lingerMs,
      unpackFolder: join(this.folder, 'unpacked'),
      unseenSinceMs: this.#unseenSinceMs,
    });
    await this.#tailer.start();
  }

  /** Without a word to anyone, as a kill does. */
  async stop(): Promise<void> {
    await this.#tailer?.stop();
    this.#unseenSinceMs = Date.now();
  }

  /** What the daemon does every now and then. */
  flush(): void {
    this.#ingest?.flushIdle();
  }

  get events(): readonly LogEvent[] {
    const events: LogEvent[] = [];
    for (let after = 0; ;) {
      const page = this.index.eventsAfter(after);
      const last = page.at(-1);
      if (last === undefined) return events;
      events.push(...page.map(({ event }) => event));
      after = last.id;
    }
  }

  get gaps(): readonly GapEvent[] {
    return this.events.filter((event) => event.kind === 'gap');
  }

  /** What denokv's failures say: older files first, and each in its order. */
  get texts(): readonly string[] {
    const place = ({ citation }: LogEvent): number => citation.fileId * 2 ** 40 + citation.byteStart;
    const events = this.events.toSorted((a, b) => place(a) - place(b));
    return events.flatMap((event) => (event.kind === 'denokv_error' ? [event.text] : []));
  }

  /** What was written until now. */
  async untilRead(): Promise<void> {
    const now = Date.now();
    await vi.waitFor(
      () => {
        this.flush();
        expect(this.#tailer?.readPast(now)).toBe(true);
      },
      { timeout: 10_000, interval: 5 },
    );
  }

  async untilTexts(expected: readonly string[]): Promise<void> {
    await vi.waitFor(
      () => {
        this.flush();
        expect(this.texts).toEqual(expected);
      },
      { timeout: 10_000, interval: 20 },
    );
  }

  async close(): Promise<void> {
    await this.stop();
    this.index.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
