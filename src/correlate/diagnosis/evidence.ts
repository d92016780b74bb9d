import type { Evidence } from '../../domain.ts';
import type { Root } from './diagnosis.ts';
import type { Match, Matching } from '../matching/match.ts';

/** Odds of ten thousand to one: what an entry's own words prove, and what no probability is taken to exceed. */
export const CONCLUSIVE = 9.21;

/** What speaks for and against one entry being the error. */
export function matchEvidence(match: Match, matching: Matching | undefined, says: string): Evidence[] {
  const rivals = (matching?.matches.length ?? 1) - 1;
  const { ownership } = match.candidate;
  const evidence: Evidence[] = [
    { rule: matching?.rule ?? 'same_text', weight: logOdds(match.probability), says },
    { rule: 'session', weight: ownership.weight, says: `whose session: ${ownership.says}` },
  ];
  if (rivals === 0) return evidence;
  const others = rivals === 1 ? '1 other entry fits' : `${rivals} other entries fit`;
  return [...evidence, { rule: 'rivals', weight: rounded(-Math.log(rivals + 1)), says: `${others} too` }];
}

export function rootEvidence(root: Root | null): Evidence[] {
  if (root === null) return [];
  return [{ rule: 'root', weight: 3, says: `behind it: ${root.entry.message}` }, ...(root.because ?? [])];
}

/** Natural logarithm of the odds, kept finite. */
export function logOdds(probability: number): number {
  const odds = Math.log(probability / (1 - probability));
  return rounded(Math.min(CONCLUSIVE, Math.max(-CONCLUSIVE, odds)));
}

function rounded(weight: number): number {
  return Math.round(weight * 100) / 100;
}
