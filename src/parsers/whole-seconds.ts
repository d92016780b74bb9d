import type { LogEvent } from '../domain.ts';

/**
 * Knows a log whose fractions of a second are filled up: a shipper that keeps seconds prints `12:00:01.000Z`. Taken for exact, such a time would put each
 * entry at the beginning of its second, before what came first in it. Until a fraction is seen, nothing else is believed: then it hangs on no more than
 * the log's own order how a time is read, however the log comes in.
 */
export class WholeSeconds {
  #hasFractions = false;

  /** Puts right what such times claim to be. Events may be given again. */
  judge(events: LogEvent[]): void {
    for (const [place, event] of events.entries()) {
      if (this.#hasFractions) return;
      const { at } = event;
      if (at === null || at.precision === 'second') continue;
      if (at.us % 1_000_000 === 0) events[place] = { ...event, at: { ...at, precision: 'second' } };
      else this.#hasFractions = true;
    }
  }
}
