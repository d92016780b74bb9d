import type { AlignedPair } from './align.ts';
import type { Candidate } from './candidates.ts';
import type { TextClass } from './text-class.ts';

/** One candidate of a claim and the probability that it is the very entry. */
export interface Match {
  readonly candidate: Candidate;
  readonly probability: number;
}

export interface Matching {
  readonly rule: TextClass['rule'] | 'silent' | 'inferred';
  /** Likeliest first; they may sum to less than 1: the rest is the chance that none of them is it. */
  readonly matches: readonly Match[];
  /** Chance that any entry is it, those too unlikely to name counted in. */
  readonly matched: number;
  /** How many claims and entries of equal words competed. */
  readonly claims: number;
  readonly candidates: number;
}

/** Below this the likeliest entry is not worth naming as the line: it stays among the alternatives. */
const MIN_LINE_PROBABILITY = 0.05;

export function bestMatch(matching: Matching | undefined): Match | null {
  const best = matching?.matches[0];
  return best !== undefined && best.probability >= MIN_LINE_PROBABILITY ? best : null;
}

/** The pairs of an alignment's row, with the candidates that its columns stand for. */
export function matchesOf(pairs: readonly AlignedPair[], candidates: readonly Candidate[]): Match[] {
  const matches: Match[] = [];
  for (const { column, probability } of pairs) {
    const candidate = candidates[column];
    if (candidate !== undefined) matches.push({ candidate, probability });
  }
  return matches;
}
