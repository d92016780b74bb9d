import { Survey } from '../correlate/survey.ts';
import { isJoined, type JoinedEvent } from '../correlate/window.ts';
import type { LogEvent, LogFormat } from '../domain.ts';
import type { LogSpan } from './overlapping-logs.ts';
import type { ReadLog } from '../parse.ts';

/** A log that was read, and how its lines lie in time. */
export interface KnownLog extends ReadLog {
  /** The earliest time of each program that writes into it; null when it holds nothing that matters. */
  readonly first: readonly { readonly format: LogFormat; readonly us: number }[] | null;
}

/** How far behind its newest line a log may fall and still be read piece by piece. */
const MAX_DISORDER_US = 30_000_000;
const STRETCH_EVENTS = 1000;

/**
 * What the reading of all logs leaves: their events while those are not too many, and what must be known of all of them to join one piece after the
 * other.
 */
export class LogBook {
  readonly survey = new Survey();
  readonly logs: KnownLog[] = [];
  readonly #maxHeldEvents: number;
  /** By log, in stretches that are given away one by one. */
  readonly #held = new Map<number, JoinedEvent[][]>();
  #count = 0;
  #isOrdered = true;
  readonly #spans = new Map<number, { readonly file: string; fromUs: number; toUs: number }>();
  /** By program: a stream that several share has a clock for each. */
  readonly #newestUs = new Map<string, number>();
  readonly #firstUs = new Map<LogFormat, number>();
  #isEmpty = true;

  constructor(maxHeldEvents: number) {
    this.#maxHeldEvents = maxHeldEvents;
  }

  add(event: LogEvent): void {
    if (!isJoined(event)) return;
    this.survey.add(event);
    this.#count += 1;
    this.#isEmpty = false;
    if (this.#count <= this.#maxHeldEvents) this.#hold(event);
    else this.#held.clear();
    if (event.at === null) return;
    const { us } = event.at;
    const newestUs = this.#newestUs.get(event.format) ?? us;
    this.#newestUs.set(event.format, Math.max(newestUs, us));
    if (newestUs - us > MAX_DISORDER_US) this.#isOrdered = false;
    this.#firstUs.set(event.format, Math.min(this.#firstUs.get(event.format) ?? us, us));
    if (event.kind === 'denokv_error' || event.kind === 'denokv_note') this.#see(event.citation, us);
  }

  /** A log was read to its end. */
  close(log: ReadLog): void {
    const first = [...this.#firstUs].map(([format, us]) => ({ format, us }));
    this.logs.push({ ...log, first: this.#isEmpty ? null : first });
    this.#isEmpty = true;
    this.#firstUs.clear();
    this.#newestUs.clear();
  }

  /** How many events there were to join. */
  get count(): number {
    return this.#count;
  }

  /** Whether all events are still here; else the logs have to be read again. */
  get holdsAll(): boolean {
    return this.#count <= this.#maxHeldEvents;
  }

  /** The events held of a log, in its order, a stretch at a time. They are given once: who is done with a stretch lets it go. */
  *given(fileId: number): Generator<readonly JoinedEvent[], void> {
    const stretches = this.#held.get(fileId) ?? [];
    this.#held.delete(fileId);
    stretches.reverse();
    for (let next = stretches.pop(); next !== undefined; next = stretches.pop()) yield next;
  }

  /** False for a log that was put together of others, later ones first. */
  get isOrdered(): boolean {
    return this.#isOrdered;
  }

  /** Of denokv's logs. */
  get spans(): readonly LogSpan[] {
    return [...this.#spans.values()];
  }

  #hold(event: JoinedEvent): void {
    const { fileId } = event.citation;
    let stretches = this.#held.get(fileId);
    if (stretches === undefined) this.#held.set(fileId, (stretches = []));
    const last = stretches.at(-1);
    if (last === undefined || last.length === STRETCH_EVENTS) stretches.push([event]);
    else last.push(event);
  }

  #see({ fileId, file }: LogEvent['citation'], us: number): void {
    const span = this.#spans.get(fileId);
    if (span === undefined) this.#spans.set(fileId, { file, fromUs: us, toUs: us });
    else span.toUs = Math.max(span.toUs, us);
  }
}
