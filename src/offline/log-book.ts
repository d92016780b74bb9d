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

/**
 * What the first reading of all logs leaves: their events while those are few, and what must be known of all of them to join one piece after the
 * other where they are many.
 */
export class LogBook {
  readonly survey = new Survey();
  readonly logs: KnownLog[] = [];
  readonly #maxHeldEvents: number;
  #held: JoinedEvent[] = [];
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
    if (this.#count <= this.#maxHeldEvents) this.#held.push(event);
    else if (this.#held.length > 0) this.#held = [];
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

  /** All events, as long as they are few. */
  get held(): readonly JoinedEvent[] | null {
    return this.#count <= this.#maxHeldEvents ? this.#held : null;
  }

  /** False for a log that was put together of others, later ones first. */
  get isOrdered(): boolean {
    return this.#isOrdered;
  }

  /** Of denokv's logs. */
  get spans(): readonly LogSpan[] {
    return [...this.#spans.values()];
  }

  #see({ fileId, file }: LogEvent['citation'], us: number): void {
    const span = this.#spans.get(fileId);
    if (span === undefined) this.#spans.set(fileId, { file, fromUs: us, toUs: us });
    else span.toUs = Math.max(span.toUs, us);
  }
}
