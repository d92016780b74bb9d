import type { Learned } from '../correlate/learned.ts';
import { isJoined, type JoinedEvent } from '../correlate/window.ts';
import type { LogEvent } from '../domain.ts';
import type { KnownLog } from './log-book.ts';

/** An event and when it was, on denokv's clock; one without a time has that of what stands before it. */
export interface Placed {
  readonly event: JoinedEvent;
  readonly us: number;
}

interface OpenLog {
  readonly pieces: AsyncIterator<readonly LogEvent[]>;
  /** Up to here it was read; later lines may still fall a little behind. */
  us: number;
}

/** A log is opened when the others have come so near to its beginning. */
const OPENED_BEFORE_US = 60_000_000;

/** Several logs as one stream, roughly in order of time: the one that is furthest behind is always read next. Only those are open that are being read. */
export class SideBySide {
  readonly #waiting: KnownLog[];
  readonly #open: OpenLog[] = [];
  readonly #read: (log: KnownLog) => AsyncIterable<readonly LogEvent[]>;
  readonly #learned: Learned;

  constructor(
    logs: readonly KnownLog[],
    read: (log: KnownLog) => AsyncIterable<readonly LogEvent[]>,
    learned: Learned,
  ) {
    this.#read = read;
    this.#learned = learned;
    this.#waiting = logs.filter(({ first }) => first !== null).toSorted((a, b) => this.#startOf(b) - this.#startOf(a));
  }

  get isOver(): boolean {
    return this.#open.length === 0 && this.#waiting.length === 0;
  }

  /** No event that is still to come is much older than this. */
  get readUntilUs(): number {
    const next = this.#waiting.at(-1);
    return Math.min(
      ...this.#open.map(({ us }) => us),
      next === undefined ? Number.POSITIVE_INFINITY : this.#startOf(next),
    );
  }

  /** At least so many more events, or what is left. */
  async next(count: number): Promise<Placed[]> {
    const placed: Placed[] = [];
    while (placed.length < count && !this.isOver) {
      this.#openDue();
      const last = this.#open.reduce((a, b) => (b.us < a.us ? b : a));
      const piece = await last.pieces.next();
      if (piece.done === true) this.#open.splice(this.#open.indexOf(last), 1);
      else for (const event of piece.value) this.#place(event, last, placed);
    }
    return placed;
  }

  #place(event: LogEvent, log: OpenLog, placed: Placed[]): void {
    const us = event.at === null ? log.us : event.at.us - this.#leadOf(event);
    log.us = Math.max(log.us, us);
    if (isJoined(event)) placed.push({ event, us });
  }

  #openDue(): void {
    for (;;) {
      const next = this.#waiting.at(-1);
      if (next === undefined) return;
      const startUs = this.#startOf(next);
      if (this.#open.length > 0 && startUs > Math.min(...this.#open.map(({ us }) => us)) + OPENED_BEFORE_US) return;
      this.#waiting.pop();
      this.#open.push({ pieces: this.#read(next)[Symbol.asyncIterator](), us: startUs });
    }
  }

  #startOf({ first }: KnownLog): number {
    return first === null ? 0 : Math.min(...first.map(({ us, format }) => us - this.#leadOf({ format })));
  }

  /** How far the clock of the log that an event is from is ahead of denokv's. */
  #leadOf({ format }: Pick<LogEvent, 'format'>): number {
    if (format === 'denokv') return 0;
    return format === 'proxy' ? this.#learned.proxy.clock.aheadUs : -this.#learned.clockOffsetUs;
  }
}
