import { matchesOf, type Match, type Matching } from './match.ts';
import { align, type Alignment } from './align.ts';
import { bandByTime } from './band.ts';
import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { byConnectionOrder } from './connection-order.ts';
import { swapProbabilities, type SettledPair } from './crowding.ts';
import { createDelayModel, widthOf, type DelayModel } from '../timing/delay.ts';
import type { Instance } from './instances.ts';
import { interleaved } from './interleaving.ts';
import { lateBands } from './late-runs.ts';
import { isLostConnection, matchThroughWarnings } from './lost-connections.ts';
import { matchSilent } from './silent.ts';
import { pairLikelihoods } from './pair-likelihood.ts';
import type { TextClass } from './text-class.ts';

/**
 * Chance that an entry of denokv's has no line in denokv's log (the client had gone, a watch met it), by what is known of it. Measured: 1 in 2,000
 * where clients stay, 1 in 100 where they give up; the end of an idle session is often nobody's.
 */
const UNSEEN_ENTRY = { ours: 0.006, ending: 0.06, unsure: 0.3 } as const;
/** Chance, over a second, that a claim has no entry, by who makes it: a failure that quotes the server nearly always has one. */
const UNLOGGED_CLAIM: Readonly<Record<Claim['role'], number>> = { failure: 0.002, connection: 0.02, background: 0.02 };
const OURS_WEIGHT = 2;

/** Decides which entry is whose, one to one, and how sure that is. Claims and candidates in the order in which they were written, in their classes too. */
export function matchClaims(
  { claims, candidates }: Instance,
  classes: readonly TextClass[],
  together: ReadonlySet<number>,
): Map<Claim, Matching> {
  const delay = createDelayModel();
  const firstUs = claims.find(({ interval }) => interval !== null)?.interval?.fromUs ?? null;
  const matchings = new Map<Claim, Matching>();
  // Entries that are more likely than not somebody's are left to him; the others may be those of claims that were told nothing.
  const taken = new Set<Candidate>();
  const matchClass = (textClass: TextClass): void => {
    const alignment = alignClass(textClass, delay, firstUs);
    for (const [claim, matching] of matchingsOf(textClass, alignment, together)) matchings.set(claim, matching);
    for (const [column, candidate] of textClass.candidates.entries())
      if ((alignment.columnShares[column] ?? 0) > 0.5) taken.add(candidate);
  };
  for (const textClass of classes) matchClass(textClass);
  const warned = matchThroughWarnings(claims, matchings);
  matchClass({
    rule: 'lost_connection',
    claims: claims.filter((claim) => isLostConnection(claim) && !warned.has(claim)),
    candidates: candidates.filter((candidate) => candidate.ending && !taken.has(candidate)),
  });
  for (const [claim, matching] of warned) matchings.set(claim, matching);
  const silent = claims.filter(({ body }) => body.kind === 'silent');
  const free = candidates.filter((candidate) => !taken.has(candidate));
  for (const [claim, matching] of matchSilent(silent, free)) matchings.set(claim, matching);
  return matchings;
}

function matchingsOf(
  { rule, claims, candidates }: TextClass,
  { pairs, rowShares }: Alignment,
  together: ReadonlySet<number>,
): [Claim, Matching][] {
  const inOrder = claims.flatMap((claim, row): SettledPair[] => {
    const candidate = candidates[pairs[row]?.[0]?.column ?? -1];
    return candidate === undefined ? [] : [{ claim, candidate }];
  });
  const { pairs: mixed, shares } = interleaved(inOrder, together, (claim, candidate) => ({ claim, candidate }));
  const settled = byConnectionOrder(mixed);
  const swaps = swapProbabilities(settled);
  const placeOf = new Map(settled.map(({ claim }, place) => [claim, place]));
  return claims.map((claim, row) => {
    const place = placeOf.get(claim);
    const neighbours: Match[] = [];
    if (place !== undefined)
      for (const at of [place - 1, place + 1]) {
        const candidate = settled[at]?.candidate;
        if (candidate !== undefined) neighbours.push({ candidate, probability: swaps[Math.min(at, place)] ?? 0 });
      }
    const own = place === undefined ? undefined : settled[place]?.candidate;
    const aligned = settledFirst(matchesOf(pairs[row] ?? [], candidates), own);
    const matches = withSwaps(spread(aligned, shares.get(claim)), neighbours);
    return [
      claim,
      { rule, matches, matched: rowShares[row] ?? 0, claims: claims.length, candidates: candidates.length },
    ];
  });
}

/** Divides the best match's probability among all that an unknown interleaving leaves open; the best stays first. */
function spread(matches: readonly Match[], shares: readonly Match[] | undefined): readonly Match[] {
  const best = matches[0];
  if (best === undefined || shares === undefined) return matches;
  const own = shares.filter(({ candidate }) => candidate === best.candidate);
  const others = shares.filter(({ candidate }) => candidate !== best.candidate);
  return [...own, ...others.sort((a, b) => b.probability - a.probability)].map(({ candidate, probability }) => ({
    candidate,
    probability: probability * best.probability,
  }));
}

/** Where the settled candidate is not the likeliest of the alignment, it takes that one's place, and that one the place that is left. */
function settledFirst(matches: readonly Match[], settled: Candidate | undefined): readonly Match[] {
  const best = matches[0];
  if (best === undefined || settled === undefined || settled === best.candidate) return matches;
  const given = matches.find(({ candidate }) => candidate === settled)?.probability ?? 0;
  const others = matches.slice(1).filter(({ candidate }) => candidate !== settled);
  return [
    { candidate: settled, probability: best.probability },
    { candidate: best.candidate, probability: given },
    ...others,
  ];
}

/** Takes from the best match what its neighbours may be owed, and gives it to them as alternatives. */
function withSwaps(matches: readonly Match[], neighbours: readonly Match[]): Match[] {
  const best = matches[0];
  if (best === undefined) return [];
  let stays = 1;
  let moved = 0;
  for (const { probability } of neighbours) {
    stays *= 1 - probability;
    moved += probability;
  }
  const others = matches.slice(1);
  let own = best.probability * stays;
  for (const { candidate, probability } of neighbours) {
    const share = moved === 0 ? 0 : (best.probability * (1 - stays) * probability) / moved;
    const at = others.findIndex((other) => other.candidate === candidate);
    const given = others[at];
    if (candidate === best.candidate) own += share;
    else if (given === undefined) others.push({ candidate, probability: share });
    else others[at] = { candidate, probability: given.probability + share };
  }
  // Most have one rival at most, and to sort nothing costs as much as all the rest.
  if (others.length > 1) others.sort((a, b) => b.probability - a.probability);
  // The order stays the best guess there is, whatever its probability.
  return [{ candidate: best.candidate, probability: own }, ...others];
}

function alignClass(textClass: TextClass, delay: DelayModel, firstUs: number | null): Alignment {
  const { claims, candidates } = textClass;
  return align({
    rows: claims.length,
    columns: candidates.length,
    pair: pairLikelihoods(textClass, delay),
    skipRow: (row) => chanceUnlogged(claims[row]),
    skipColumn: (column) => chanceUnseen(candidates[column]),
    band: bandByTime(claims, candidates),
    late: lateBands(claims, candidates, firstUs),
  });
}

/** A pair's likelihood is that of a line within its stamp's width, so a line without an entry must be weighed over the same width. */
function chanceUnlogged(claim: Claim | undefined): number {
  const perSecond = UNLOGGED_CLAIM[claim?.role ?? 'failure'];
  return claim?.interval == null ? perSecond : (perSecond * widthOf(claim.interval)) / 1_000_000;
}

function chanceUnseen(candidate: Candidate | undefined): number {
  if (candidate === undefined || candidate.ownership.weight < OURS_WEIGHT) return UNSEEN_ENTRY.unsure;
  return candidate.ending ? UNSEEN_ENTRY.ending : UNSEEN_ENTRY.ours;
}
