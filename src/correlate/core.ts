import type { Claim } from './matching/claims.ts';
import type { Learned } from './learned.ts';

/** The part of a window that is to be answered: [fromUs, untilUs) on denokv's clock. */
export interface Core {
  readonly fromUs: number;
  readonly untilUs: number;
}

export const EVERYTHING: Core = { fromUs: Number.NEGATIVE_INFINITY, untilUs: Number.POSITIVE_INFINITY };
/** How far before the core candidates may matter: the aligner reaches back eight seconds, and a queue of equal errors hands on what it does not know. */
const ALIGNED_US = 40_000_000;

/** How far around the core failures may belong to its rows of retries and its queues: none of them knows a longer pause. */
const FOLLOWED_US = 30_000_000;

/** What of the window is put down to something at all: beyond it lines only compete for entries. */
export function aroundCore({ fromUs, untilUs }: Core): Core {
  return { fromUs: fromUs - FOLLOWED_US, untilUs: untilUs + FOLLOWED_US };
}

/**
 * Each failure lies in exactly one of the cores that follow one another: by the time that its line prints, which is the same in every window, and never
 * by a finer one that was concluded.
 */
export function isWithin(
  core: Core,
  { event, interval }: Pick<Claim, 'event' | 'interval'>,
  learned?: Learned,
): boolean {
  const us = event.at === null ? (interval?.fromUs ?? Number.NEGATIVE_INFINITY) : event.at.us - leadOf(event, learned);
  return us >= core.fromUs && us < core.untilUs;
}

/** From here on an entry may have a part in what the core's failures are given; earlier ones are only looked up. */
export function alignedFromUs({ fromUs }: Core): number {
  return fromUs - ALIGNED_US;
}

function leadOf({ kind }: Claim['event'], learned: Learned | undefined): number {
  if (learned === undefined) return 0;
  if (kind === 'proxy_response') return learned.proxy.clock.aheadUs;
  return kind === 'postgres_error' ? -learned.clockOffsetUs : 0;
}
