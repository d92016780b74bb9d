import type { Episode } from '../../domain.ts';
import { groupBy } from '../group-by.ts';
import { episodeId } from '../identifiers.ts';
import type { Interval } from '../timing/interval.ts';
import { countWhile } from '../timing/partition.ts';

/** One request that failed, as far as it can be told from others like it. */
export interface Attempt {
  readonly id: string;
  /** What one client's one request has in common with itself: operation, cause, words, the client's address, the key. */
  readonly key: string;
  /** The key names the row or value that the request was about: two that share it are hardly two requests. */
  readonly isTelling: boolean;
  /** When it was answered. */
  readonly interval: Interval | null;
  /** From its arrival to its answer, as far as known. */
  readonly durationUs: number | null;
  /** It waited before it failed, by a time that nobody logged. */
  readonly waited: boolean;
}

/**
 * A client of denokv sends a request that got a 5xx again 200 to 300 ms after the answer, without end. Measured over the captures, where a DETAIL names the
 * row: 198 to 308 ms in 200 pairs; the rest is for hosts that are busier.
 */
const RETRY_US = { min: 190_000, max: 340_000 } as const;
/** What was waited for before the error, where nothing tells how long: a lock or statement timeout of about a second. */
const UNKNOWN_WAIT_US = 1_200_000;
/** Above this a stamp is too coarse to tell 250 ms, and only the rate speaks. */
const COARSE_US = 100_000;
/** Two failures a quarter of a second apart are soon found; a third in the same step is no accident. */
const MIN_ATTEMPTS = { telling: 2, else: 3 } as const;

/**
 * Rows of retries. Two failures are attempts of one request only if nothing else could be either's neighbour: equal operation, cause, words, client and row,
 * one retry's pause apart, and exactly one such before and behind. Clients whose steps can't be told apart make no episode together.
 *
 * Each verdict gets its number from what came before it, and from the half second after it: so it is final when the verdict is.
 * @param known episodes given out in an earlier window, by failure
 */
export function episodesOf(
  attempts: readonly Attempt[],
  known: ReadonlyMap<string, Episode> = new Map(),
): Map<string, Episode> {
  const episodes = new Map<string, Episode>();
  const timed = attempts.flatMap((attempt): Timed[] =>
    attempt.interval === null ? [] : [{ ...attempt, interval: attempt.interval }],
  );
  for (const members of groupBy(timed, ({ key }) => key).values())
    for (const chain of chainsOf(members)) {
      const isLong = chain.length >= (chain[0]?.isTelling === true ? MIN_ATTEMPTS.telling : MIN_ATTEMPTS.else);
      for (const piece of isLong || hasPast(chain, known) ? [chain] : chain.map((one) => [one]))
        number(piece, known, episodes);
    }
  return episodes;
}

interface Timed extends Attempt {
  readonly interval: Interval;
}

function hasPast(chain: readonly Timed[], known: ReadonlyMap<string, Episode>): boolean {
  return (known.get(chain[0]?.id ?? '')?.attempt ?? 1) > 1;
}

function number(chain: readonly Timed[], known: ReadonlyMap<string, Episode>, episodes: Map<string, Episode>): void {
  const [first] = chain;
  if (first === undefined) return;
  const { id, attempt } = known.get(first.id) ?? { id: episodeId(first.id), attempt: 1 };
  for (const [at, one] of chain.entries()) episodes.set(one.id, { id, attempt: attempt + at });
}

function chainsOf(members: readonly Timed[]): Timed[][] {
  const sorted = [...members].sort((a, b) => a.interval.fromUs - b.interval.fromUs);
  const isCoarse = sorted.some(({ interval }) => interval.toUs - interval.fromUs > COARSE_US);
  const isNext = isCoarse ? coarseSteps(sorted) : fineSteps(sorted);
  const chains: Timed[][] = [];
  const openAt = new Map<number, Timed[]>();
  for (const [at, one] of sorted.entries()) {
    const before = isNext(at);
    const chain = before === null ? undefined : openAt.get(before);
    if (chain === undefined) chains.push([one]);
    else chain.push(one);
    openAt.set(at, chain ?? chains.at(-1) ?? []);
  }
  return chains;
}

/** For the member at a place the place of the attempt before it, or null. */
type Steps = (at: number) => number | null;

/** By the clock: a step is one where exactly one answer lies a retry's pause before the request, and exactly one request that pause behind the answer. */
function fineSteps(sorted: readonly Timed[]): Steps {
  const ends = sorted.map(({ interval }) => (interval.fromUs + interval.toUs) / 2);
  const starts = sorted
    .map((one, at) => ({ at, us: (ends[at] ?? 0) - (one.durationUs ?? 0), slackUs: slackOf(one) }))
    .sort((a, b) => a.us - b.us);
  const slackUs = Math.max(0, ...sorted.map(slackOf));
  const before = new Map<number, number>();
  for (const { at, us, slackUs: own } of starts) {
    const from = countWhile(ends, (end) => end < us - own - RETRY_US.max);
    const to = countWhile(ends, (end) => end <= us - RETRY_US.min);
    const end = ends[from];
    if (to - from !== 1 || end === undefined) continue;
    const first = countWhile(starts, (start) => start.us < end + RETRY_US.min);
    const last = countWhile(starts, (start) => start.us <= end + RETRY_US.max + slackUs);
    if (last - first === 1 && starts[first]?.at === at) before.set(at, from);
  }
  return (at) => before.get(at) ?? null;
}

function slackOf({ durationUs, waited }: Timed): number {
  return durationUs === null && waited ? UNKNOWN_WAIT_US : 0;
}

/**
 * By the rate: a second that holds more failures than one client could cause, or is next to such a one, shows several clients, and none of them can be
 * followed. In the others each failure follows the one before it as long as there is a row of moments, a pause apart, at which they can have been.
 */
function coarseSteps(sorted: readonly Timed[]): Steps {
  const crowded = crowdedStamps(sorted);
  const before = new Map<number, number>();
  let possible: Interval | null = null;
  for (const [at, { interval, durationUs, waited }] of sorted.entries()) {
    if (isNearCrowd(interval, crowded)) {
      possible = null;
      continue;
    }
    const pauseUs = durationUs ?? 0;
    const slackUs = durationUs === null && waited ? UNKNOWN_WAIT_US : 0;
    const fromUs: number = Math.max(interval.fromUs, (possible?.fromUs ?? 0) + RETRY_US.min + pauseUs);
    const toUs: number = Math.min(interval.toUs, (possible?.toUs ?? 0) + RETRY_US.max + pauseUs + slackUs);
    const isStep: boolean = possible !== null && fromUs < toUs;
    if (isStep) before.set(at, at - 1);
    possible = isStep ? { fromUs, toUs } : interval;
  }
  return (at) => before.get(at) ?? null;
}

function crowdedStamps(sorted: readonly Timed[]): Interval[] {
  const byStamp = groupBy(sorted, ({ interval }) => String(interval.fromUs));
  return [...byStamp.values()].flatMap((same) => {
    const stamp = same[0]?.interval;
    return stamp !== undefined && same.length > (stamp.toUs - stamp.fromUs) / RETRY_US.min ? [stamp] : [];
  });
}

/** A crowd does not begin with a stamp: its first members may stand in the one before, its last in the one behind. */
function isNearCrowd({ fromUs, toUs }: Interval, crowded: readonly Interval[]): boolean {
  const first = crowded[countWhile(crowded, (crowd) => crowd.toUs + RETRY_US.max <= fromUs)];
  return first !== undefined && first.fromUs - RETRY_US.max < toUs;
}
