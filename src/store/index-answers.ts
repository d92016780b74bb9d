import type {
  Dropped,
  EventFilter,
  FailureFilter,
  FailureMoment,
  FileCheckpoint,
  FileIdentity,
  GroupedFailures,
  IndexReader,
  JsonBytesOf,
  JsonOf,
  LogEvent,
  LogGap,
  Page,
  PageRequest,
  SourceStatus,
  Verdict,
} from '../domain.ts';
import type { StoredEvent } from './event-table.ts';
import type { StoredFacts } from './file-table.ts';
import type { HourlyCount } from './hourly-table.ts';
import type { IndexTables } from './index-tables.ts';

const PAGE_MAX = 1000;
const KEY_EVENTS = 500;

/** What can be asked of an index, by the daemon that writes it and by anybody else. */
export class IndexAnswers implements IndexReader {
  protected readonly tables: IndexTables;
  readonly #liveSources: (() => readonly SourceStatus[]) | undefined;

  /** @param liveSources health of the sources while they are followed; without it, what the index knows of them */
  constructor(tables: IndexTables, liveSources?: () => readonly SourceStatus[]) {
    this.tables = tables;
    this.#liveSources = liveSources;
  }

  get issues(): IndexTables['issues'] {
    return this.tables.issues;
  }

  get incidents(): IndexTables['incidents'] {
    return this.tables.incidents;
  }

  get markers(): IndexTables['markers'] {
    return this.tables.markers;
  }

  get stats(): IndexTables['stats'] {
    return this.tables.stats;
  }

  meta(key: string): string | null {
    return this.tables.meta.get(key)?.value ?? null;
  }

  /** What was learned of a file when it was last read: after a restart its next bytes may be too few to tell. */
  facts(fileId: number): StoredFacts | null {
    return this.tables.files.facts(fileId);
  }

  /** Nothing has ever been followed with this index. */
  get isNew(): boolean {
    return this.tables.files.isEmpty();
  }

  /** Counts by the hour, which outlive the events. */
  hourly(sinceUs: number, untilUs: number): readonly HourlyCount[] {
    return this.tables.hourly.between(sinceUs, untilUs);
  }

  /** Symptoms whose verdict is not final, or that have none yet. */
  openSymptoms(): readonly LogEvent[] {
    return this.tables.events.openSymptoms();
  }

  contextBefore(us: number, limit: number): readonly LogEvent[] {
    return this.tables.events.contextBefore(us, limit);
  }

  notes(limit: number): readonly LogEvent[] {
    return this.tables.events.notes(limit);
  }

  countEventsFrom(fileId: number, byteStart: number): number {
    return this.tables.events.countFrom(fileId, byteStart);
  }

  newestEventUs(): number | null {
    return this.tables.events.newestUs();
  }

  /** When the timed event happened that so many are newer than; null: there are no more than that. */
  eventUsFromEnd(count: number): number | null {
    return this.tables.events.usFromEnd(count);
  }

  checkpointByIdentity(identity: FileIdentity): FileCheckpoint | null {
    return this.tables.files.checkpointByIdentity(identity);
  }

  generations(identity: FileIdentity): readonly FileCheckpoint[] {
    return this.tables.files.generations(identity);
  }

  openedAtMs(checkpoint: FileCheckpoint): number | null {
    return this.tables.files.openedAtMs(checkpoint);
  }

  checkpointByPath(path: string): FileCheckpoint | null {
    return this.tables.files.checkpointByPath(path);
  }

  checkpointsInFolder(folder: string): readonly FileCheckpoint[] {
    return this.tables.files.inFolder(folder);
  }

  /** See EventTable.between: timed events in [sinceUs, untilUs), then the untimed ones among them. */
  eventsBetween(sinceUs: number, untilUs: number, limit?: number): readonly LogEvent[] {
    return this.tables.events.between(sinceUs, untilUs, limit);
  }

  /** Newest first. @throws WhydError `query.bad_cursor` */
  events(filter: EventFilter, page: PageRequest): Page<StoredEvent> {
    return this.tables.eventList.page(filter, { ...page, limit: clamp(page.limit) });
  }

  eventById(id: number): LogEvent | null {
    return this.tables.events.byId(id);
  }

  eventsAfter(id: number, limit = PAGE_MAX): readonly StoredEvent[] {
    return this.tables.events.after(id, limit);
  }

  /** Events of logs that print no time at all. */
  untimedEvents(afterId: number, limit = PAGE_MAX): readonly StoredEvent[] {
    return this.tables.events.untimed(afterId, limit);
  }

  failureById(id: string): Verdict | null {
    return this.tables.query.byId(id);
  }

  failuresByIds(ids: readonly string[]): readonly Verdict[] {
    return this.tables.verdicts.of(ids);
  }

  /** The verdict on the line at this place, or null. */
  failureAt(fileId: number, byteStart: number): Verdict | null {
    return this.tables.query.at(fileId, byteStart);
  }

  revisions(id: string): readonly Verdict[] {
    return this.tables.failures.revisions(id);
  }

  failuresByIdPrefix(prefix: string, limit: number): readonly Verdict[] {
    return this.tables.query.byIdPrefix(prefix, clamp(limit));
  }

  failuresByRequest(requestId: string, limit: number): readonly Verdict[] {
    return this.tables.query.byRequest(requestId, clamp(limit));
  }

  droppedById(id: string, limit: number): readonly Dropped[] {
    return this.tables.dropped.find(id, clamp(limit));
  }

  failuresByKey(key: Uint8Array, limit: number): readonly Verdict[] {
    const found = new Map<string, Verdict>();
    for (const event of this.tables.keys.events(key, KEY_EVENTS)) {
      for (const verdict of this.#failuresOf(event)) found.set(verdict.id, verdict);
      if (found.size >= limit) break;
    }
    return [...found.values()].sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1));
  }

  failures(filter: FailureFilter, page: PageRequest): Page<Verdict> {
    return this.tables.query.page(filter, { ...page, limit: clamp(page.limit) });
  }

  failuresAsJson(filter: FailureFilter, page: PageRequest): JsonBytesOf<Page<Verdict>> {
    return this.tables.query.pageAsJson(filter, { ...page, limit: clamp(page.limit) });
  }

  failureAsJson(id: string): { readonly json: JsonOf<Verdict>; readonly isSettled: boolean } | null {
    return this.tables.query.byIdAsJson(id);
  }

  groupFailures(filter: FailureFilter, limit: number): GroupedFailures {
    return this.tables.groups.grouped(filter, clamp(limit));
  }

  momentsWithin(sinceUs: number, untilUs: number, limit: number): readonly FailureMoment[] {
    return this.tables.moments.within(sinceUs, untilUs, clamp(limit));
  }

  momentsNear(us: number, limit: number): readonly FailureMoment[] {
    return this.tables.moments.near(us, clamp(limit));
  }

  sources(): readonly SourceStatus[] {
    return this.#liveSources?.() ?? this.tables.files.storedSources();
  }

  gaps(limit: number): readonly LogGap[] {
    return this.tables.gaps.newest(clamp(limit));
  }

  /** The failures that a line is the symptom or the entry of. */
  #failuresOf({ kind, citation }: LogEvent): readonly Verdict[] {
    if (kind === 'postgres_error') return this.tables.query.byEntry(citation.file, citation.byteStart);
    const failure = kind === 'denokv_error' ? this.tables.query.at(citation.fileId, citation.byteStart) : null;
    return failure === null ? [] : [failure];
  }
}

function clamp(limit: number): number {
  return Math.max(1, Math.min(limit, PAGE_MAX));
}
