import { correlate, type CorrelateOptions, type JoinedFailure } from '../correlate/correlate.ts';
import type { Diagnosis } from '../correlate/diagnosis/diagnosis.ts';
import { isLandmark } from '../correlate/incidents/incidents.ts';
import { isJoined, windowOf, type JoinedEvent, type Window } from '../correlate/window.ts';
import type { Citation, DenokvIdentity, Episode, LogEvent, PostgresContextEvent, Verdict } from '../domain.ts';
import { DroppedRequests } from './dropped-requests.ts';
import { LogGaps } from './log-gaps.ts';
import type { SavedRound, WhydIndex } from '../store/whyd-index.ts';

export interface LiveJoinerOptions {
  readonly index: WhydIndex;
  readonly identity: NonNullable<CorrelateOptions['identity']>;
  readonly hasPostgres: boolean;
  readonly nowMs: () => number;
  /** A verdict became final. */
  readonly onSettled: (verdict: Verdict) => void;
  /** What each round changed, once it is stored. */
  readonly onSaved?: (saved: SavedRound) => void;
  /** Whether every log was read to its end after this moment (wall clock, ms). */
  readonly readPast: (ms: number) => boolean;
  /** Bounds the memory; past it the oldest events are let go, and what rests on them is settled. */
  readonly maxWindowEvents?: number;
}

/** A failure may be revised for so long after it was read: the other log's line is on its way, or a section of it. */
const SETTLE_MS = 2000;
/** So long a line is waited for that should be there and is not. */
const LATE_LINE_MS = 30_000;
/** What the oldest open failure may rest on: the aligner reaches back half a minute, lock waits last a few. */
const LOOK_BACK_US = 180_000_000;
/** Of it, what a single failure rests on: who is younger than the window's beginning by so much is judged as he was at first. */
const RESTS_ON_US = 120_000_000;
const MAX_WINDOW_EVENTS = 200_000;
const MAX_LANDMARKS = 1000;
const RESUME_US = 600_000_000;
/** How far back a restart looks for landmarks and start-up lines: so many entries. */
const RESUME_ENTRIES = 20_000;

type Symptom = JoinedFailure['symptom'];

/** Runs the joiner over a window that slides with the logs, and keeps the index's verdicts up to date. */
export class LiveJoiner {
  readonly #options: LiveJoinerOptions;
  readonly #window = new Map<string, JoinedEvent>();
  readonly #landmarks = new Map<string, PostgresContextEvent>();
  readonly #identities: DenokvIdentity[];
  /** When each open failure was first seen, wall clock; a failure that is settled is here no more. */
  readonly #openSince = new Map<string, number>();
  /** How long each open failure waits before it is final, as the last round saw it. */
  readonly #waitMs = new Map<string, number>();
  readonly #settled = new Set<string>();
  /** By symptom, of what is final: rows of retries go on past the window. */
  readonly #episodes = new Map<string, { readonly failureId: string; readonly episode: Episode }>();
  readonly #dropped = new DroppedRequests(LATE_LINE_MS);
  readonly #gaps = new LogGaps();
  /** What the next run is to know and the index has not taken yet. */
  readonly #unsavedMeta = new Map<string, string>();
  /** Symptoms that are let go with this round, because the window holds too much. */
  #leaving: ReadonlySet<string> = new Set();
  /** Events up to here were let go, or were never read again after a restart. */
  #lostUntilUs = Number.NEGATIVE_INFINITY;
  #clockOffsetUs: number;
  /** Whether this denokv was ever seen to log an error: only of one that never does are failures inferred. */
  #logsErrors: boolean;
  #changed = false;

  constructor(options: LiveJoinerOptions) {
    this.#options = options;
    const { index } = options;
    this.#identities = JSON.parse(index.meta('identities') ?? '[]') as DenokvIdentity[];
    this.#clockOffsetUs = Number(index.meta('clock_offset_us') ?? 0);
    this.#logsErrors = index.meta('logs_errors') === 'yes';
    this.#resume();
  }

  add(events: readonly LogEvent[]): void {
    for (const event of events) this.#addOne(event);
  }

  /** One round: joins what is open, saves it, and lets go of what is final. Cheap when nothing happened. */
  join(): void {
    if (!this.#changed && !this.#isAnyDue()) return;
    const { index, identity, nowMs, onSettled, onSaved } = this.#options;
    const now = nowMs();
    this.#leaving = this.#oldest(this.#excess);
    const wholeFromUs = this.#lostUntilUs + RESTS_ON_US;
    const correlation = correlate(this.#takeWindow(), {
      identity,
      knownIdentities: this.#identities,
      priorClockOffsetUs: this.#clockOffsetUs,
      logsErrors: this.#logsErrors,
      wholeFromUs,
      knownEpisodes: new Map([
        ...[...this.#episodes.values()].map(({ failureId, episode }) => [failureId, episode] as const),
        ...this.#dropped.episodes(),
      ]),
      isSettled: (symptom, diagnosis) => this.#isSettled(symptom, diagnosis, now),
    });
    if (correlation.clockOffsetUs !== this.#clockOffsetUs) {
      this.#clockOffsetUs = correlation.clockOffsetUs;
      this.#unsavedMeta.set('clock_offset_us', String(this.#clockOffsetUs));
    }
    const { failures, incidents, incidentOf } = correlation;
    const open = failures.filter(({ symptom, isSettled }) => {
      if (this.#settled.has(keyOf(symptom.citation))) return false;
      // A 500 that denokv seems not to have logged may only be ahead of its line: nothing is said of it before that is sure.
      return symptom.kind === 'denokv_error' || isSettled;
    });
    const positions = new Map(failures.map(({ id, symptom }) => [id, positionOf(symptom.citation)] as const));
    const verdicts = open.map(({ verdict }) => verdict());
    const dropped = this.#dropped.take(correlation.dropped, now);
    this.#saveMeta();
    const saved = index.saveRound({ verdicts, positions, incidents, incidentOf, wholeFromUs, dropped }, now);
    // Only now: a busy index or a full disk takes nothing, and all of it is to be joined and told again.
    this.#changed = false;
    this.#dropped.wereSaved();
    for (const failure of failures) if (failure.isSettled) this.#close(keyOf(failure.symptom.citation), failure);
    saved.settled.forEach(onSettled);
    onSaved?.(saved);
    this.#forget();
  }

  /** While a failure waits for a late entry and nothing comes, there is nothing to join again. */
  #isAnyDue(): boolean {
    const now = this.#options.nowMs();
    if (this.#dropped.isAnyDue(now)) return true;
    return [...this.#openSince].some(([key, since]) => this.#isDue(since, this.#waitMs.get(key) ?? SETTLE_MS, now));
  }

  #isDue(since: number, waitMs: number, now: number): boolean {
    return now - since >= waitMs && this.#options.readPast(since + SETTLE_MS / 2);
  }

  #close(key: string, { id, episode }: { readonly id: string; readonly episode?: Episode | undefined }): void {
    this.#settled.add(key);
    this.#openSince.delete(key);
    this.#waitMs.delete(key);
    if (episode !== undefined) this.#episodes.set(key, { failureId: id, episode });
  }

  #addOne(event: LogEvent): void {
    this.#gaps.add(event);
    if (!isJoined(event)) return;
    const key = keyOf(event.citation);
    this.#changed = true;
    this.#window.set(key, event);
    if (event.kind === 'denokv_error' && !this.#settled.has(key) && !this.#openSince.has(key))
      this.#openSince.set(key, this.#options.nowMs());
    if (event.kind === 'postgres_context' && isLandmark(event)) {
      this.#landmarks.set(key, event);
      if (this.#landmarks.size > MAX_LANDMARKS) this.#landmarks.delete(this.#landmarks.keys().next().value ?? '');
    }
    if (event.kind === 'denokv_note' && event.identity !== null) this.#remember(event.identity);
    if (event.kind === 'denokv_error' && !this.#logsErrors) {
      this.#logsErrors = true;
      this.#unsavedMeta.set('logs_errors', 'yes');
    }
  }

  #remember(identity: DenokvIdentity): void {
    if (this.#identities.some((known) => JSON.stringify(known) === JSON.stringify(identity))) return;
    this.#identities.push(identity);
    this.#unsavedMeta.set('identities', JSON.stringify(this.#identities));
  }

  #saveMeta(): void {
    for (const [key, value] of this.#unsavedMeta) {
      this.#options.index.setMeta(key, value);
      this.#unsavedMeta.delete(key);
    }
  }

  /** After a restart: the events that open failures may rest on, and the failures that were open. */
  #resume(): void {
    const { index } = this.#options;
    const open = index.openSymptoms();
    const newestUs = index.newestEventUs();
    const oldestOpenUs = open.reduce((oldest, { at }) => Math.min(oldest, at?.us ?? oldest), newestUs ?? 0);
    const sinceUs = Math.max(oldestOpenUs - RESUME_US, index.eventUsFromEnd(this.#maxEvents) ?? -Infinity);
    this.#lostUntilUs = sinceUs;
    const landmarks = index
      .contextBefore(sinceUs, RESUME_ENTRIES)
      .filter((event) => event.kind === 'postgres_context' && isLandmark(event));
    for (const event of index.notes(RESUME_ENTRIES))
      if (event.kind === 'denokv_note' && event.identity !== null) this.#remember(event.identity);
    for (const event of landmarks.toReversed())
      if (event.kind === 'postgres_context') this.#landmarks.set(keyOf(event.citation), event);
    this.add([...index.eventsBetween(sinceUs, Number.MAX_SAFE_INTEGER), ...open]);
    const isOpen = new Set(open.map(({ citation }) => keyOf(citation)));
    for (const [key, event] of this.#window) {
      if (event.kind !== 'denokv_error' || isOpen.has(key)) continue;
      const verdict = index.failureAt(event.citation.fileId, event.citation.byteStart);
      this.#close(key, verdict ?? { id: '' });
    }
  }

  #isSettled(symptom: Symptom, diagnosis: Diagnosis, now: number): boolean {
    const key = keyOf(symptom.citation);
    if (symptom.kind !== 'denokv_error' && !this.#settled.has(key) && !this.#openSince.has(key))
      this.#openSince.set(key, now);
    const since = this.#openSince.get(key);
    if (since === undefined || this.#leaving.has(key)) return true;
    const isLate = isInferred(symptom) || this.#awaitsEntry(symptom, diagnosis);
    const waitMs = isLate ? LATE_LINE_MS : SETTLE_MS;
    this.#waitMs.set(key, waitMs);
    return this.#isDue(since, waitMs, now);
  }

  /** A failure that Postgres should have an entry for, and has none yet: that log may be buffered, shipped or late. */
  #awaitsEntry(symptom: Symptom, { match, root, classification }: Diagnosis): boolean {
    if (!this.#options.hasPostgres || symptom.kind !== 'denokv_error' || match !== null || root !== null) return false;
    return symptom.body.kind !== 'client' || classification.row.category === 'connection';
  }

  #takeWindow(): Window {
    const events = new Map<string, JoinedEvent>([...this.#landmarks, ...this.#window]);
    const coverage = {
      denokv: this.#gaps.coverageOf('denokv'),
      postgres: this.#options.hasPostgres ? this.#gaps.coverageOf('postgres') : null,
    };
    return windowOf(events.values(), coverage);
  }

  get #maxEvents(): number {
    return this.#options.maxWindowEvents ?? MAX_WINDOW_EVENTS;
  }

  /** By so many events the window is too large. */
  get #excess(): number {
    return Math.max(0, this.#window.size - this.#maxEvents);
  }

  /** By what the logs say of their time: of a back-fill's logs the small ones are read to their end long before the large ones. */
  #oldest(count: number): ReadonlySet<string> {
    if (count === 0) return new Set();
    // What has no time may belong to the newest.
    const timed = [...this.#window].map(([key, { at }]) => [key, at?.us ?? Number.MAX_SAFE_INTEGER] as const);
    timed.sort(([, a], [, b]) => a - b);
    return new Set(timed.slice(0, count).map(([key]) => key));
  }

  /** Lets go of events that no open failure can rest on any more. */
  #forget(): void {
    let newestUs = 0;
    let oldestOpenUs = Number.POSITIVE_INFINITY;
    for (const [key, event] of this.#window) {
      const us = event.at?.us ?? 0;
      if (us > newestUs) newestUs = us;
      if (this.#openSince.has(key) && us < oldestOpenUs) oldestOpenUs = us;
    }
    const horizonUs = Math.min(newestUs, oldestOpenUs) - LOOK_BACK_US;
    for (const [key, event] of this.#window) {
      // What has no time goes only when there is too much.
      if (!this.#leaving.has(key) && (event.at?.us ?? newestUs) >= horizonUs) continue;
      this.#lostUntilUs = Math.max(this.#lostUntilUs, event.at?.us ?? this.#lostUntilUs);
      this.#window.delete(key);
      this.#openSince.delete(key);
      this.#waitMs.delete(key);
      this.#settled.delete(key);
      this.#episodes.delete(key);
    }
  }
}

/** Taken for a failure because denokv's log shows no error: the one that it will show may be buffered, shipped or late. */
function isInferred({ kind }: Symptom): boolean {
  return kind === 'postgres_error';
}

function keyOf({ fileId, byteStart }: Citation): string {
  return `${String(fileId)}:${String(byteStart)}`;
}

function positionOf({ fileId, byteStart }: Citation): { readonly fileId: number; readonly byteStart: number } {
  return { fileId, byteStart };
}
