import type { LogEvent } from '../domain.ts';

/** So many different times without a fraction, one after the other, and the log has none: true milliseconds give them once in 10^12. */
const MIN_TIMES = 4;

/**
 * Knows a log whose fractions of a second are filled up: a shipper that keeps seconds prints `12:00:01.000Z`. Taken for exact, such a time would put each
 * entry at the beginning of its second, before what came first in it.
 */
export class WholeSeconds {
  #times = 0;
  #newestUs = Number.NEGATIVE_INFINITY;
  #hasFractions = false;

  /** Puts right what such times claim to be, once it is known. Events may be given again. */
  judge(events: LogEvent[]): void {
    if (this.#hasFractions) return;
    for (const { at } of events) {
      if (at === null || at.precision === 'second') continue;
      if (at.us % 1_000_000 !== 0) {
        this.#hasFractions = true;
        return;
      }
      if (at.us <= this.#newestUs) continue;
      this.#newestUs = at.us;
      this.#times++;
    }
    if (this.#times < MIN_TIMES) return;
    for (const [place, event] of events.entries())
      if (event.at !== null && event.at.precision !== 'second')
        events[place] = { ...event, at: { ...event.at, precision: 'second' } };
  }
}
