import type { DenokvEvent, DenokvNoteEvent } from '../../domain.ts';
import { intervalOf, type Interval } from '../timing/interval.ts';

/** A panic of one of denokv's worker threads: the request that it worked for gets no answer. */
export interface Panic {
  readonly event: DenokvNoteEvent;
  readonly interval: Interval | null;
  /** The catalogue's name for what it stumbled over; null where its words are not known. */
  readonly cause: string | null;
}

/** The main thread's panic ends the process: that is no one request's. */
const MAIN_THREAD = "thread 'main'";

/** What the known places panic over: both are values of the database that are not what denokv wrote. */
const REASONS: readonly { readonly pattern: RegExp; readonly cause: string }[] = [
  { pattern: /copy_from_slice: source slice length|source slice length \(\d+\)/, cause: 'corrupted_data' },
  { pattern: /error deserializing column|error retrieving column/, cause: 'type_mismatch' },
];

export function panicsOf(denokv: readonly DenokvEvent[]): Panic[] {
  const untils = endsOf(denokv);
  return denokv.flatMap((event, at): Panic[] => {
    if (event.kind !== 'denokv_note' || event.topic !== 'panic' || event.text.startsWith(MAIN_THREAD)) return [];
    const cause = REASONS.find(({ pattern }) => pattern.test(event.text))?.cause ?? null;
    return [{ event, interval: intervalOfPanic(event, untils[at] ?? null), cause }];
  });
}

/** A panic prints no time: it was written after the line before it and before the next line that has one. */
function intervalOfPanic({ at }: DenokvNoteEvent, untilUs: number | null): Interval | null {
  if (at === null) return null;
  const { fromUs, toUs } = intervalOf(at);
  return at.zone === 'inferred' ? { fromUs, toUs: Math.max(toUs, untilUs ?? toUs + LAST_LINE_US) } : { fromUs, toUs };
}

/** What nothing is written after may have been written long after what stands before it. */
const LAST_LINE_US = 60_000_000;

/** For each event the end of the time of the next one that has its own. */
function endsOf(denokv: readonly DenokvEvent[]): (number | null)[] {
  let until: number | null = null;
  return denokv
    .toReversed()
    .map(({ at }) => {
      const next = until;
      if (at !== null && at.zone !== 'inferred') until = intervalOf(at).toUs;
      return next;
    })
    .toReversed();
}
