import type { DenokvEvent } from '../../domain.ts';
import { intervalOf, type Interval } from '../timing/interval.ts';
import { countWhile } from '../timing/partition.ts';

interface Answered {
  readonly interval: Interval | null;
}

/** A denokv that starts listens within this; whoever was turned away earlier was turned away for something else. */
const MAX_ABSENCE_US = 60_000_000;
/** Clients try again several times a second, so an absence shows as one row of refusals, however long it lasts. */
const SAME_ROW_US = 10_000_000;

/**
 * The start of denokv after which it answered again, for each response that came in its absence: a row of refusals that ends with a start. denokv's silence
 * proves nothing (a healthy one writes nothing), its start does.
 */
export function absencesOf<T extends Answered>(
  responses: readonly T[],
  denokv: readonly DenokvEvent[],
): ReadonlyMap<T, DenokvEvent> {
  if (responses.length === 0) return new Map();
  const starts = timesOf(denokv, (event) => event.kind === 'denokv_note' && event.topic === 'listening');
  const lives = timesOf(denokv, showsLife);
  const found = new Map<T, DenokvEvent>();
  let later: { readonly fromUs: number; readonly start: Timed } | null = null;
  for (const response of responses.toReversed()) {
    const us = response.interval?.fromUs;
    if (us === undefined) continue;
    const start = starts[countWhile(starts, ({ interval }) => interval.toUs <= us)];
    const life = lives[countWhile(lives, ({ interval }) => interval.fromUs < us)];
    if (start !== undefined && life !== undefined && life.interval.toUs <= start.interval.fromUs) continue;
    const isNear = start !== undefined && start.interval.fromUs - us <= MAX_ABSENCE_US;
    const isOfRow = later !== null && start === later.start && later.fromUs - us <= SAME_ROW_US;
    if (start === undefined || !(isNear || isOfRow)) continue;
    found.set(response, start.event);
    later = { fromUs: us, start };
  }
  return found;
}

interface Timed {
  readonly event: DenokvEvent;
  readonly interval: Interval;
}

function timesOf(denokv: readonly DenokvEvent[], isOne: (event: DenokvEvent) => boolean): Timed[] {
  return denokv.flatMap((event) =>
    isOne(event) && event.at !== null ? [{ event, interval: intervalOf(event.at) }] : [],
  );
}

/** What only a denokv that serves can write: an error that it met between a refusal and a start shows that it was not away for that start. */
function showsLife(event: DenokvEvent): boolean {
  return event.kind === 'denokv_error' || event.topic === 'background_error' || event.topic === 'connection_error';
}
