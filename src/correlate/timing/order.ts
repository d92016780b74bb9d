import type { Citation, LogEvent } from '../../domain.ts';

/** Before every time that a log can print. */
const NEVER_US = Number.MIN_SAFE_INTEGER;

/**
 * In order of time; within one printed time in the order of the file, and files in the order of their numbers, older ones first. An event without a time stands behind
 * the one before it in its file: its writer wrote it after that.
 */
export function inOrder<T extends LogEvent>(events: readonly T[]): readonly T[] {
  if (isInOrder(events)) return events;
  if (events.every(({ at }) => at !== null)) return events.toSorted(byTime);
  const placed = events.map((event) => ({ event, us: event.at?.us ?? null })).sort(byPlace);
  let last: { readonly fileId: number; readonly us: number } | null = null;
  const timed = placed.map(({ event, us }, at) => {
    const { fileId } = event.citation;
    const known = us ?? (last?.fileId === fileId ? last.us : (firstTimeOf(placed, at) ?? NEVER_US));
    last = { fileId, us: known };
    return { event, us: known };
  });
  return timed.sort((a, b) => a.us - b.us || byPlace(a, b)).map(({ event }) => event);
}

/** Files that were read one after the other from their beginnings, as nearly every window is. */
function isInOrder(events: readonly LogEvent[]): boolean {
  let last: LogEvent | null = null;
  for (const event of events) {
    if (event.at === null || (last !== null && byTime(last, event) > 0)) return false;
    last = event;
  }
  return true;
}

function byTime(a: LogEvent, b: LogEvent): number {
  return (a.at?.us ?? NEVER_US) - (b.at?.us ?? NEVER_US) || byPlace({ event: a }, { event: b });
}

interface Placed {
  readonly event: { readonly citation: Citation };
  readonly us: number | null;
}

/** The first time printed in a file, looked for from one of its events without any. */
function firstTimeOf(placed: readonly Placed[], from: number): number | null {
  const fileId = placed[from]?.event.citation.fileId;
  for (let at = from; placed[at]?.event.citation.fileId === fileId; at++) {
    const us = placed[at]?.us ?? null;
    if (us !== null) return us;
  }
  return null;
}

function byPlace(
  { event: { citation: a } }: Pick<Placed, 'event'>,
  { event: { citation: b } }: Pick<Placed, 'event'>,
): number {
  return a.fileId - b.fileId || a.byteStart - b.byteStart;
}
