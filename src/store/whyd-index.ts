import type { Database } from 'better-sqlite3';
import type { FileCheckpoint, FileOpening, Incident, LogEvent, SourceStatus, Verdict } from '../domain.ts';
import type { JoinedDropped } from './dropped-table.ts';
import type { SavedVerdicts, SymptomPosition } from './failure-table.ts';
import type { FileFacts } from './file-table.ts';
import { IndexAnswers } from './index-answers.ts';
import { IndexTables } from './index-tables.ts';
import type { IssueSeed } from './issue-table.ts';
import { Retention } from './retention.ts';
import type { KeepLimits } from './retention.ts';
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
  /** What is said of incidents that began earlier rests on a part of what was logged. */
  readonly wholeFromUs?: number;
  readonly dropped?: readonly JoinedDropped[];
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

/** The index: one SQLite file that one daemon writes and anybody may read. */
export class WhydIndex extends IndexAnswers {
  readonly #database: Database;
  readonly #options: IndexOptions;
  readonly #retention: Retention;
  readonly #release: () => void;
  readonly #setMeta;

  /** @param release called once the database is closed */
  constructor(database: Database, options: IndexOptions, release: () => void = () => undefined) {
    super(new IndexTables(database), options.liveSources);
    this.#database = database;
    this.#options = options;
    this.#retention = new Retention(database);
    this.#release = release;
    this.#setMeta = database.prepare<[string, string]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  }

  /** Idempotent. */
  close(): void {
    this.#database.close();
    this.#release();
  }

  /**
   * All or nothing. May be nested: the outermost transaction is the one that counts.
   * @throws WhydError `index.*` when the disk is full or the index busy: nothing was written then, and it may be tried again
   */
  transaction<T>(work: () => T): T {
    return withWriteTroubles(() => this.#database.transaction(work).immediate());
  }

  /** @param openedAtMs when the generation was first seen, wall clock; kept from the first opening on */
  openFile(opening: FileOpening, openedAtMs: number | null = null): number {
    return withWriteTroubles(() => this.tables.files.open(opening, openedAtMs));
  }

  endFile(fileId: number): void {
    this.tables.files.end(fileId);
  }

  /**
   * Stores events and the checkpoints behind them in one transaction: after a crash both are there, or neither is. A replayed event
   * changes nothing; a fuller version of an entry replaces the earlier one.
   * @returns the events that are new or changed
   */
  commit({ events, checkpoints, facts = [] }: IndexBatch): readonly LogEvent[] {
    return this.transaction(() => {
      const saved = events.map((event) => ({ event, outcome: this.tables.events.save(event) }));
      const changed = saved.flatMap(({ event, outcome }) => (outcome === 'known' ? [] : [event]));
      this.tables.hourly.addEvents(saved.flatMap(({ event, outcome }) => (outcome === 'new' ? [event] : [])));
      this.tables.gaps.add(changed);
      for (const [fileId, us] of newestByFile(changed)) this.tables.files.newestEvent(fileId, us);
      for (const checkpoint of checkpoints) this.tables.files.saveCheckpoint(checkpoint);
      for (const fact of facts) this.tables.files.saveFacts(fact);
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
  saveRound(
    { verdicts, positions, incidents = [], incidentOf = new Map(), wholeFromUs = -Infinity, dropped = [] }: JoinedRound,
    atMs: number,
  ): SavedRound {
    const { seedOf = seedOfVerdict, isSpell = () => false } = this.#options;
    const { prunedUntilUs } = this.#retention;
    const kept = incidents.filter(({ endUs }) => endUs === null || endUs >= prunedUntilUs);
    const { stored, ...round } = this.transaction(() => {
      const { idOf, changed } = this.incidents.save(kept, atMs, { isSpell, wholeFromUs });
      const stored = new Map([...incidentOf].map(([failure, incident]) => [failure, idOf.get(incident) ?? incident]));
      const saved = this.tables.failures.save(verdicts, atMs, positions);
      const grown = this.tables.failures.assign(stored, new Set(saved.fresh.map(({ id }) => id)));
      this.tables.hourly.addFailures(saved.settled);
      this.tables.dropped.save(dropped, atMs);
      const issueIds = this.issues.add(saved.settled, atMs, seedOf);
      return { ...saved, issueIds, incidentIds: [...new Set([...changed, ...grown])], stored };
    });
    this.tables.failures.remember(stored);
    return round;
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
