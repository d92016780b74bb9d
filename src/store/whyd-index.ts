import type { Database } from 'better-sqlite3';
import type { Detection, FailureFilter, IndexReader, LogEvent, Page, SourceStatus, Verdict } from '../domain.ts';
import { EventTable } from './event-table.ts';
import type { StoredEvent } from './event-table.ts';
import { FailureQuery } from './failure-query.ts';
import { FailureTable } from './failure-table.ts';
import type { SavedVerdicts, SymptomPosition } from './failure-table.ts';
import { FileTable } from './file-table.ts';
import type { FileCheckpoint, FileFacts, FileIdentity, FileOpening } from './file-table.ts';

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
  readonly #meta;
  readonly #setMeta;

  constructor(database: Database, liveSources: (() => readonly SourceStatus[]) | null) {
    this.#database = database;
    this.#liveSources = liveSources;
    this.#files = new FileTable(database);
    this.#events = new EventTable(database);
    this.#failures = new FailureTable(database);
    this.#query = new FailureQuery(database);
    this.#meta = database.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
    this.#setMeta = database.prepare<[string, string]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  }

  /** Idempotent. */
  close(): void {
    this.#database.close();
  }

  // ---------------------------------------------------------------- writing

  /** All or nothing. May be nested: the outermost transaction is the one that counts. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work).immediate();
  }

  openFile(opening: FileOpening): number {
    return this.#files.open(opening);
  }

  endFile(fileId: number): void {
    this.#files.end(fileId);
  }

  /**
   * Stores events and the checkpoints behind them in one transaction: after a crash both are there, or neither is. A replayed event
   * changes nothing; a fuller version of an entry replaces the earlier one.
   * @returns how many events are new or changed
   */
  commit({ events, checkpoints, facts = [] }: IndexBatch): number {
    return this.transaction(() => {
      const changed = events.filter((event) => this.#events.save(event));
      for (const [fileId, us] of newestByFile(changed)) this.#files.newestEvent(fileId, us);
      for (const checkpoint of checkpoints) this.#files.saveCheckpoint(checkpoint);
      for (const fact of facts) this.#files.saveFacts(fact);
      return changed.length;
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
    return this.transaction(() => this.#failures.save(verdicts, atMs, positions));
  }

  /** What the daemon remembers from run to run, as text of its own making. */
  setMeta(key: string, value: string): void {
    this.#setMeta.run(key, value);
  }

  // ---------------------------------------------------------------- reading

  meta(key: string): string | null {
    return this.#meta.get(key)?.value ?? null;
  }

  /** What a file was found to be when it was last read: after a restart its next bytes may be too few to tell. */
  detection(fileId: number): Detection | null {
    return this.#files.detection(fileId);
  }

  checkpointByIdentity(identity: FileIdentity): FileCheckpoint | null {
    return this.#files.checkpointByIdentity(identity);
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
