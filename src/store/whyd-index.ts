import type { Database } from 'better-sqlite3';
import type {
  FailureFilter,
  FileCheckpoint,
  FileIdentity,
  FileOpening,
  IndexReader,
  LogEvent,
  Page,
  SourceStatus,
  Verdict,
} from '../domain.ts';
import { EventTable } from './event-table.ts';
import type { StoredEvent } from './event-table.ts';
import { FailureQuery } from './failure-query.ts';
import { FailureTable } from './failure-table.ts';
import type { SavedVerdicts, SymptomPosition } from './failure-table.ts';
import { FileTable } from './file-table.ts';
import type { FileFacts, StoredFacts } from './file-table.ts';
import { HourlyTable } from './hourly-table.ts';
import type { HourlyCount } from './hourly-table.ts';
import { Retention } from './retention.ts';
import type { KeepLimits } from './retention.ts';
import { withWriteTroubles } from './write-trouble.ts';

/** What one transaction takes: the events of some chunks, and how far their files are read with them. */
export interface IndexBatch {
  readonly events: readonly LogEvent[];
  readonly checkpoints: readonly FileCheckpoint[];
  readonly facts?: readonly FileFacts[];
}

const PAGE_MAX = 1000;

/** The index: one SQLite file that one daemon writes and anybody may read. */
export class WhydIndex implements IndexReader {
  readonly #database: Database;
  readonly #liveSources: (() => readonly SourceStatus[]) | null;
  readonly #files: FileTable;
  readonly #events: EventTable;
  readonly #failures: FailureTable;
  readonly #query: FailureQuery;
  readonly #hourly: HourlyTable;
  readonly #retention: Retention;
  readonly #release: () => void;
  readonly #meta;
  readonly #setMeta;

  /** @param release called once the database is closed */
  constructor(
    database: Database,
    liveSources: (() => readonly SourceStatus[]) | null,
    release: () => void = () => undefined,
  ) {
    this.#database = database;
    this.#liveSources = liveSources;
    this.#files = new FileTable(database);
    this.#events = new EventTable(database);
    this.#failures = new FailureTable(database);
    this.#query = new FailureQuery(database);
    this.#hourly = new HourlyTable(database);
    this.#retention = new Retention(database);
    this.#release = release;
    this.#meta = database.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
    this.#setMeta = database.prepare<[string, string]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  }

  /** Idempotent. */
  close(): void {
    this.#database.close();
    this.#release();
  }

  // ---------------------------------------------------------------- writing

  /**
   * All or nothing. May be nested: the outermost transaction is the one that counts.
   * @throws WhydError `index.*` when the disk is full or the index busy: nothing was written then, and it may be tried again
   */
  transaction<T>(work: () => T): T {
    return withWriteTroubles(() => this.#database.transaction(work).immediate());
  }

  /** @param openedAtMs when the generation was first seen, wall clock; kept from the first opening on */
  openFile(opening: FileOpening, openedAtMs: number | null = null): number {
    return withWriteTroubles(() => this.#files.open(opening, openedAtMs));
  }

  endFile(fileId: number): void {
    this.#files.end(fileId);
  }

  /**
   * Stores events and the checkpoints behind them in one transaction: after a crash both are there, or neither is. A replayed event
   * changes nothing; a fuller version of an entry replaces the earlier one.
   * @returns the events that are new or changed
   */
  commit({ events, checkpoints, facts = [] }: IndexBatch): readonly LogEvent[] {
    return this.transaction(() => {
      const saved = events.map((event) => ({ event, outcome: this.#events.save(event) }));
      const changed = saved.flatMap(({ event, outcome }) => (outcome === 'known' ? [] : [event]));
      this.#hourly.addEvents(saved.flatMap(({ event, outcome }) => (outcome === 'new' ? [event] : [])));
      for (const [fileId, us] of newestByFile(changed)) this.#files.newestEvent(fileId, us);
      for (const checkpoint of checkpoints) this.#files.saveCheckpoint(checkpoint);
      for (const fact of facts) this.#files.saveFacts(fact);
      return changed;
    });
  }

  /**
   * @param atMs wall clock, milliseconds since the epoch
   * @param positions by failure id: where the symptom stands
   */
  saveVerdicts(
    verdicts: readonly Verdict[],
    atMs: number,
    positions?: ReadonlyMap<string, SymptomPosition>,
  ): SavedVerdicts {
    return this.transaction(() => {
      const saved = this.#failures.save(verdicts, atMs, positions);
      this.#hourly.addFailures(saved.settled);
      return saved;
    });
  }

  /** What the daemon remembers from run to run, as text of its own making. */
  setMeta(key: string, value: string): void {
    withWriteTroubles(() => this.#setMeta.run(key, value));
  }

  /**
   * One small step of pruning, by age and by size; the file shrinks with it.
   * @param nowMs wall clock
   * @returns true when there is more to do
   */
  prune(keep: KeepLimits, nowMs: number): boolean {
    return withWriteTroubles(() => this.#retention.step(keep, nowMs));
  }

  // ---------------------------------------------------------------- reading

  meta(key: string): string | null {
    return this.#meta.get(key)?.value ?? null;
  }

  /** What was learned of a file when it was last read: after a restart its next bytes may be too few to tell. */
  facts(fileId: number): StoredFacts | null {
    return this.#files.facts(fileId);
  }

  /** Nothing has ever been followed with this index. */
  get isNew(): boolean {
    return this.#files.isEmpty();
  }

  /** Counts by the hour, which outlive the events. */
  hourly(sinceUs: number, untilUs: number): readonly HourlyCount[] {
    return this.#hourly.between(sinceUs, untilUs);
  }

  /** Symptoms whose verdict is not final, or that have none yet. */
  openSymptoms(): readonly LogEvent[] {
    return this.#events.openSymptoms();
  }

  contextBefore(us: number, limit: number): readonly LogEvent[] {
    return this.#events.contextBefore(us, limit);
  }

  notes(limit: number): readonly LogEvent[] {
    return this.#events.notes(limit);
  }

  newestEventUs(): number | null {
    return this.#events.newestUs();
  }

  checkpointByIdentity(identity: FileIdentity): FileCheckpoint | null {
    return this.#files.checkpointByIdentity(identity);
  }

  generations(identity: FileIdentity): readonly FileCheckpoint[] {
    return this.#files.generations(identity);
  }

  openedAtMs(checkpoint: FileCheckpoint): number | null {
    return this.#files.openedAtMs(checkpoint);
  }

  checkpointByPath(path: string): FileCheckpoint | null {
    return this.#files.checkpointByPath(path);
  }

  /** See EventTable.between: timed events in [sinceUs, untilUs), then the untimed ones among them. */
  eventsBetween(sinceUs: number, untilUs: number): readonly LogEvent[] {
    return this.#events.between(sinceUs, untilUs);
  }

  eventsAfter(id: number, limit = PAGE_MAX): readonly StoredEvent[] {
    return this.#events.after(id, limit);
  }

  /** Events of logs that print no time at all. */
  untimedEvents(afterId: number, limit = PAGE_MAX): readonly StoredEvent[] {
    return this.#events.untimed(afterId, limit);
  }

  failureById(id: string): Verdict | null {
    return this.#query.byId(id);
  }

  /** The verdict on the line at this place, or null. */
  failureAt(fileId: number, byteStart: number): Verdict | null {
    return this.#query.at(fileId, byteStart);
  }

  revisions(id: string): readonly Verdict[] {
    return this.#failures.revisions(id);
  }

  failures(filter: FailureFilter, page: { limit: number; cursor: string | null }): Page<Verdict> {
    return this.#query.page(filter, Math.max(1, Math.min(page.limit, PAGE_MAX)), page.cursor);
  }

  countFailures(filter: FailureFilter): number {
    return this.#query.count(filter);
  }

  failuresNear(us: number, limit: number): readonly Verdict[] {
    return this.#query.near(us, Math.max(1, Math.min(limit, PAGE_MAX)));
  }

  sources(): readonly SourceStatus[] {
    return this.#liveSources?.() ?? this.#files.storedSources();
  }
}

function newestByFile(events: readonly LogEvent[]): ReadonlyMap<number, number> {
  const newest = new Map<number, number>();
  for (const { at, citation } of events) {
    if (at !== null) newest.set(citation.fileId, Math.max(at.us, newest.get(citation.fileId) ?? 0));
  }
  return newest;
}
