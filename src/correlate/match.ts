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
  /** How many claims and entries of equal words competed. */
  readonly claims: number;
  readonly candidates: number;
}
