import type { Database } from 'better-sqlite3';
import type {
  EventFilter,
  FailureFilter,
  FileCheckpoint,
  FileIdentity,
  FileOpening,
  GroupedFailures,
  Incident,
  IndexReader,
  LogEvent,
  Page,
  PageRequest,
  SourceStatus,
  Verdict,
} from '../domain.ts';
import { EventList } from './event-list.ts';
import { EventTable } from './event-table.ts';
import type { StoredEvent } from './event-table.ts';
import { FailureQuery } from './failure-query.ts';
import { FailureTable } from './failure-table.ts';
import type { SavedVerdicts, SymptomPosition } from './failure-table.ts';
import { FileTable } from './file-table.ts';
import type { FileFacts, StoredFacts } from './file-table.ts';
import { HourlyTable } from './hourly-table.ts';
import type { HourlyCount } from './hourly-table.ts';
import { IncidentTable } from './incident-table.ts';
import { IssueTable } from './issue-table.ts';
import type { IssueSeed } from './issue-table.ts';
import { KeyTable } from './key-table.ts';
import { MarkerTable } from './marker-table.ts';
import { Retention } from './retention.ts';
import type { KeepLimits } from './retention.ts';
import { StatsQuery } from './stats-query.ts';
import { withWriteTroubles } from './write-trouble.ts';

/** What an index is told beside its file, by who puts the parts together. */
export interface IndexOptions {
  /** Health of the sources while they are followed; without it, what the index knows of them. */
  readonly liveSources?: () => readonly SourceStatus[];
  /** What a new issue is called. */
  readonly seedOf?: (verdict: Verdict) => IssueSeed;
  /** Whether an incident is a spell of failures alike, with no entry of its own that opened it. */
  readonly isSpell?: (incident: Incident) => boolean;
}

/** The joiner's work of one round. */
export interface JoinedRound {
  readonly verdicts: readonly Verdict[];
  /** By failure id: where the symptom stands. */
  readonly positions?: ReadonlyMap<string, SymptomPosition>;
  readonly incidents?: readonly Incident[];
  /** By failure id: the incident under which it falls. */
  readonly incidentOf?: ReadonlyMap<string, string>;
}

/** What a round changed. */
export interface SavedRound extends SavedVerdicts {
  readonly issueIds: readonly string[];
  readonly incidentIds: readonly string[];
}

/** What one transaction takes: the events of some chunks, and how far their files are read with them. */
export interface IndexBatch {
  readonly events: readonly LogEvent[];
  readonly checkpoints: readonly FileCheckpoint[];
  readonly facts?: readonly FileFacts[];
}

const PAGE_MAX = 1000;
const KEY_EVENTS = 500;

/** The index: one SQLite file that one daemon writes and anybody may read. */
export class WhydIndex implements IndexReader {
  readonly issues: IssueTable;
  readonly incidents: IncidentTable;
  readonly markers: MarkerTable;
  readonly stats: StatsQuery;
  readonly #database: Database;
  readonly #options: IndexOptions;
  readonly #keys: KeyTable;
  readonly #eventList: EventList;
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
  constructor(database: Database, options: IndexOptions, release: () => void = () => undefined) {
    this.#database = database;
    this.#options = options;
    this.issues = new IssueTable(database);
    this.incidents = new IncidentTable(database);
    this.markers = new MarkerTable(database);
    this.stats = new StatsQuery(database);
    this.#keys = new KeyTable(database);
    this.#eventList = new EventList(database);
    this.#files = new FileTable(database);
    this.#events = new EventTable(database, this.#keys);
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

  /** @param atMs wall clock, milliseconds since the epoch */
  saveVerdicts(
    verdicts: readonly Verdict[],
    atMs: number,
    positions?: ReadonlyMap<string, SymptomPosition>,
  ): SavedVerdicts {
    return this.saveRound({ verdicts, ...(positions === undefined ? {} : { positions }) }, atMs);
  }

  /** Verdicts, the issues that they count for and the incidents that they fall under, in one transaction. @param atMs wall clock */
  saveRound({ verdicts, positions, incidents = [], incidentOf = new Map() }: JoinedRound, atMs: number): SavedRound {
    const { seedOf = seedOfVerdict, isSpell = () => false } = this.#options;
    return this.transaction(() => {
      const { idOf, changed } = this.incidents.save(incidents, atMs, isSpell);
      const stored = new Map([...incidentOf].map(([failure, incident]) => [failure, idOf.get(incident) ?? incident]));
      const saved = this.#failures.save(verdicts, atMs, positions, stored);
      this.#hourly.addFailures(saved.settled);
      const issueIds = this.issues.add(saved.settled, atMs, seedOf);
      return { ...saved, issueIds, incidentIds: changed };
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

  countEventsFrom(fileId: number, byteStart: number): number {
    return this.#events.countFrom(fileId, byteStart);
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

  checkpointsInFolder(folder: string): readonly FileCheckpoint[] {
    return this.#files.inFolder(folder);
  }

  /** See EventTable.between: timed events in [sinceUs, untilUs), then the untimed ones among them. */
  eventsBetween(sinceUs: number, untilUs: number, limit?: number): readonly LogEvent[] {
    return this.#events.between(sinceUs, untilUs, limit);
  }

  /** Newest first. @throws WhydError `query.bad_cursor` */
  events(filter: EventFilter, page: PageRequest): Page<StoredEvent> {
    return this.#eventList.page(filter, { ...page, limit: clamp(page.limit) });
  }

  eventById(id: number): LogEvent | null {
    return this.#events.byId(id);
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

  failuresByIdPrefix(prefix: string, limit: number): readonly Verdict[] {
    return this.#query.byIdPrefix(prefix, clamp(limit));
  }

  failuresByRequest(requestId: string, limit: number): readonly Verdict[] {
    return this.#query.byRequest(requestId, clamp(limit));
  }

  failuresByKey(key: Uint8Array, limit: number): readonly Verdict[] {
    const found = new Map<string, Verdict>();
    for (const event of this.#keys.events(key, KEY_EVENTS)) {
      for (const verdict of this.#failuresOf(event)) found.set(verdict.id, verdict);
      if (found.size >= limit) break;
    }
    return [...found.values()].sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1));
  }

  failures(filter: FailureFilter, page: PageRequest): Page<Verdict> {
    return this.#query.page(filter, { ...page, limit: clamp(page.limit) });
  }

  groupFailures(filter: FailureFilter, limit: number): GroupedFailures {
    return this.#query.grouped(filter, clamp(limit));
  }

  failuresNear(us: number, limit: number): readonly Verdict[] {
    return this.#query.near(us, clamp(limit));
  }

  sources(): readonly SourceStatus[] {
    return this.#options.liveSources?.() ?? this.#files.storedSources();
  }

  /** The failures that a line is the symptom or the entry of. */
  #failuresOf({ kind, citation }: LogEvent): readonly Verdict[] {
    if (kind === 'postgres_error') return this.#query.byEntry(citation.file, citation.byteStart);
    const failure = kind === 'denokv_error' ? this.#query.at(citation.fileId, citation.byteStart) : null;
    return failure === null ? [] : [failure];
  }
}

function clamp(limit: number): number {
  return Math.max(1, Math.min(limit, PAGE_MAX));
}

function seedOfVerdict({ cause, symptom }: Verdict): IssueSeed {
  return { object: null, title: cause.id, text: symptom.text };
}

function newestByFile(events: readonly LogEvent[]): ReadonlyMap<number, number> {
  const newest = new Map<number, number>();
  for (const { at, citation } of events) {
    if (at !== null) newest.set(citation.fileId, Math.max(at.us, newest.get(citation.fileId) ?? 0));
  }
  return newest;
}
