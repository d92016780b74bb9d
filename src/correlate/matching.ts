import { align, type AlignedPair } from './align.ts';
import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { createDelayModel, REACH_US, type DelayModel } from './delay.ts';
import { operationOfUse } from './statements.ts';
import { textClasses, type TextClass } from './text-class.ts';

/** One candidate of a claim and the probability that it is the very entry. */
export interface Match {
  readonly candidate: Candidate;
  readonly probability: number;
}

export interface Matching {
  readonly rule: TextClass['rule'];
  /** Likeliest first; they may sum to less than 1: the rest is the chance that none of them is it. */
  readonly matches: readonly Match[];
  /** How many claims and entries of equal words competed. */
  readonly claims: number;
  readonly candidates: number;
}

/** Chance that an entry of denokv's has no line in denokv's log (the client had gone, a watch met it), by what is known of whose it is. */
const UNSEEN_ENTRY = { ours: 0.03, unsure: 0.3 } as const;
/** Chance that a claim has no entry, by who makes it: a failure that quotes the server nearly always has one. */
const UNLOGGED_CLAIM: Readonly<Record<Claim['role'], number>> = { failure: 0.002, connection: 0.02, background: 0.02 };
const OPERATION_MISMATCH = 0.01;
const STATEMENT_MISMATCH = 0.05;
const OURS_WEIGHT = 2;

/** Decides which entry is whose, one to one, and how sure that is. */
export function matchClaims(claims: readonly Claim[], candidates: readonly Candidate[]): Map<Claim, Matching> {
  const delay = createDelayModel();
  const matchings = new Map<Claim, Matching>();
  const taken = new Map<Candidate, number>();
  for (const textClass of textClasses(claims, candidates)) record(textClass, alignClass(textClass, delay), matchings, taken);
  const lost = lostConnections(claims, candidates, taken);
  record(lost, alignClass(lost, delay), matchings, taken);
  return matchings;
}

/** A request whose socket died may have been told nothing of the FATAL that ended its session: entries nobody else claims are left for it. */
function lostConnections(claims: readonly Claim[], candidates: readonly Candidate[], taken: ReadonlyMap<Candidate, number>): TextClass {
  return {
    rule: 'lost_connection',
    claims: claims.filter(({ role, body }) => role === 'failure' && body.kind === 'client' && /^(?:connection closed|error communicating with the server)/.test(body.text)),
    candidates: candidates.filter((candidate) => candidate.ending && (taken.get(candidate) ?? 0) < 0.5),
  };
}

function record(textClass: TextClass, pairs: readonly AlignedPair[][], matchings: Map<Claim, Matching>, taken: Map<Candidate, number>): void {
  for (const [row, claim] of textClass.claims.entries()) {
    const matches = (pairs[row] ?? []).flatMap(({ column, probability }): Match[] => {
      const candidate = textClass.candidates[column];
      if (candidate === undefined) return [];
      taken.set(candidate, (taken.get(candidate) ?? 0) + probability);
      return [{ candidate, probability }];
    });
    matchings.set(claim, { rule: textClass.rule, matches, claims: textClass.claims.length, candidates: textClass.candidates.length });
  }
}

function alignClass({ claims, candidates }: TextClass, delay: DelayModel): AlignedPair[][] {
  if (claims.length === 0 || candidates.length === 0) return [];
  return align({
    rows: claims.length,
    columns: candidates.length,
    pair: (row, column) => pairLikelihood(claims[row], candidates[column], delay),
    skipRow: (row) => UNLOGGED_CLAIM[claims[row]?.role ?? 'failure'],
    skipColumn: (column) => ((candidates[column]?.ownership.weight ?? 0) >= OURS_WEIGHT ? UNSEEN_ENTRY.ours : UNSEEN_ENTRY.unsure),
    band: bandOver(claims, candidates),
  });
}

function pairLikelihood(claim: Claim | undefined, candidate: Candidate | undefined, delay: DelayModel): number {
  if (claim === undefined || candidate === undefined) return 0;
  let likelihood = claim.interval === null || candidate.interval === null ? 0.5 : delay(candidate.interval, claim.interval);
  if (likelihood === 0) return 0;
  const operation = operationOfUse(candidate.use);
  if (claim.role === 'background' ? operation !== null : candidate.use === 'background') likelihood *= OPERATION_MISMATCH;
  else if (claim.operation !== null && operation !== null && claim.operation !== operation) likelihood *= OPERATION_MISMATCH;
  // A FATAL that met an idle session has no STATEMENT, and only the pool hears of it; one that met a request has one.
  if (candidate.ending && (claim.role === 'connection') !== (candidate.entry.statement === null)) likelihood *= STATEMENT_MISMATCH;
  return likelihood;
}

/** By time alone: which candidates a claim could reach. Found by two marks that only move forward, so the whole costs one pass. */
function bandOver(claims: readonly Claim[], candidates: readonly Candidate[]): (row: number) => { from: number; to: number } {
  let from = 0;
  let to = 0;
  const bands = claims.map((claim) => {
    const at = claim.interval;
    if (at === null) return { from, to: candidates.length };
    while (from < candidates.length && (candidates[from]?.interval?.toUs ?? Number.POSITIVE_INFINITY) < at.fromUs - REACH_US.before) from++;
    to = Math.max(to, from);
    while (to < candidates.length && (candidates[to]?.interval?.fromUs ?? Number.NEGATIVE_INFINITY) <= at.toUs + REACH_US.after) to++;
    return { from, to };
  });
  return (row) => bands[row] ?? { from: 0, to: candidates.length };
}
