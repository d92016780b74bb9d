import type { Certainty } from '../../domain.ts';

/** CONTRACT: `certain` from 0.99, `likely` from 0.8. */
export function certaintyOf(cause: string, confidence: number): Certainty {
  if (cause === 'unknown') return 'unknown';
  if (confidence >= 0.99) return 'certain';
  return confidence >= 0.8 ? 'likely' : 'possible';
}

/** Probabilities are given to four places: more would pretend. */
export function roundProbability(probability: number): number {
  return Math.round(Math.min(1, Math.max(0, probability)) * 10_000) / 10_000;
}
