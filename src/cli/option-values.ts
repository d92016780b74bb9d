import { InvalidArgumentError } from 'commander';
import { EXIT, WhydError } from '../errors.ts';
import { parseMoment, parseSpanMs, type Clock } from '../time/parse-time.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** Readers of option values for commander: what they refuse becomes its message and exit code 2. */

/** A time of an option, and what it was read from. */
export interface GivenTime {
  /** Microseconds since the epoch, the start of what was named. */
  readonly us: number;
  readonly written: string;
}

export function timeOption(clock: () => Clock): (text: string) => GivenTime {
  return (text) => {
    const moment = parseMoment(text, clock());
    if (moment === null)
      throw new InvalidArgumentError('Write ISO 8601, a local clock time (14:03:12) or a span (15m).');
    return { us: moment.startUs, written: text.trim() };
  };
}

/** An empty answer would look like "nothing happened". Throws WhydError `time.reversed` (exit 2). */
export function refuseReversed({ since, until }: { readonly since?: GivenTime; readonly until?: GivenTime }): void {
  if (since === undefined || until === undefined || since.us < until.us) return;
  throw new WhydError('time.reversed', `--since ${formatUtc(since.us)} is not before --until ${formatUtc(until.us)}`, {
    hint: hintToReversed(since.written, until.written),
    exitCode: EXIT.usage,
  });
}

/** Whoever writes two spans has taken them for distances from the other end. */
function hintToReversed(since: string, until: string): string {
  const [sinceMs, untilMs] = [parseSpanMs(since), parseSpanMs(until)];
  if (sinceMs === null && untilMs === null)
    return 'A clock time is one of the last 24 hours; of another day: "2026-11-23 14:03:12".';
  const swapped = sinceMs !== null && untilMs !== null && sinceMs < untilMs;
  return `A span means so long ago${swapped ? `: --since ${until} --until ${since}` : ', and --since has to be the earlier one'}.`;
}

export function countOption(text: string): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('Write a whole number from 1 up.');
}

export function factorOption(text: string): number {
  const factor = Number(text);
  if (/^\d{1,6}(?:\.\d{1,3})?$/.test(text) && factor > 0) return factor;
  throw new InvalidArgumentError('Write a number above 0.');
}

export function sqlstateOption(text: string): string {
  if (/^[0-9A-Za-z]{5}$/.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError('Write five letters or digits, such as 40P01.');
}

export function wholeOption(text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

/** A span such as `10s`, kept as it was written. */
export function spanOption(text: string): string {
  if (parseSpanMs(text) !== null) return text.trim();
  throw new InvalidArgumentError('Write a span such as 10s, 15m or 2h.');
}
