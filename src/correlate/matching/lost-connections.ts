import { align, type AlignedPair } from './align.ts';
import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { groupBy } from '../group-by.ts';
import type { Match, Matching } from './match.ts';

const LOST = /^(?:connection closed|error communicating with the server)/;
/** A connection task warns of its end just before, or just after, the request on it fails; each line halves the odds. */
const BEFORE = 0.6;
const AFTER = 0.25;
const MAX_DISTANCE_LINES = 24;
const MAX_DISTANCE_US = 2_000_000;
/** A request may fail without a warning (another request's warning was it), and most warnings are about idle connections. */
const NO_WARNING = 0.02;
const NO_REQUEST = 0.6;

/** Failures whose socket died: they quote nothing, so what they are must come from the lines around them. */
export function isLostConnection({ role, body }: Claim): boolean {
  return role === 'failure' && body.kind === 'client' && LOST.test(body.text);
}

/**
 * Gives each lost request the entry that its own connection's warning quotes: the connection task hears the FATAL, the request only that the
 * connection closed. Requests and warnings are paired by their places in one log of denokv's. A request left without a pair is not in the result.
 */
export function matchThroughWarnings(
  claims: readonly Claim[],
  matchings: ReadonlyMap<Claim, Matching>,
): Map<Claim, Matching> {
  const warningsByFile = groupBy(
    claims.filter(({ role }) => role === 'connection'),
    fileOf,
  );
  const result = new Map<Claim, Matching>();
  for (const [file, lost] of groupBy(claims.filter(isLostConnection), fileOf)) {
    const warnings = warningsByFile.get(file) ?? [];
    const { pairs } = align({
      rows: lost.length,
      columns: warnings.length,
      pair: (row, column) => nearness(lost[row], warnings[column]),
      skipRow: () => NO_WARNING,
      skipColumn: () => NO_REQUEST,
      band: bandOver(lost, warnings),
    });
    for (const [row, claim] of lost.entries()) {
      const quoted = quotedBy(pairs[row] ?? [], warnings, matchings);
      if (quoted === null) continue;
      const matched = quoted.reduce((sum, { probability }) => sum + probability, 0);
      const counts = { claims: lost.length, candidates: quoted.length };
      result.set(claim, { rule: 'lost_connection', matches: quoted, matched, ...counts });
    }
  }
  return result;
}

/** The entries that a request's likely warnings quote, likeliest first; null where it more likely has no warning. */
function quotedBy(
  pairs: readonly AlignedPair[],
  warnings: readonly Claim[],
  matchings: ReadonlyMap<Claim, Matching>,
): Match[] | null {
  if (pairs.reduce((sum, { probability }) => sum + probability, 0) < 0.5) return null;
  const byCandidate = new Map<Candidate, number>();
  for (const { column, probability } of pairs) {
    const warning = warnings[column];
    for (const match of (warning === undefined ? undefined : matchings.get(warning))?.matches ?? [])
      byCandidate.set(match.candidate, (byCandidate.get(match.candidate) ?? 0) + probability * match.probability);
  }
  return [...byCandidate]
    .map(([candidate, probability]): Match => ({ candidate, probability }))
    .sort((a, b) => b.probability - a.probability);
}

function fileOf({ event }: Claim): string {
  return String(event.citation.fileId);
}

function nearness(claim: Claim | undefined, warning: Claim | undefined): number {
  if (claim?.interval == null || warning?.interval == null) return 0;
  if (Math.abs(claim.interval.fromUs - warning.interval.fromUs) > MAX_DISTANCE_US) return 0;
  const distance = claim.rank - warning.rank;
  if (Math.abs(distance) > MAX_DISTANCE_LINES) return 0;
  return (distance > 0 ? BEFORE : AFTER) * 0.5 ** (Math.abs(distance) - 1);
}

function bandOver(lost: readonly Claim[], warnings: readonly Claim[]): (row: number) => { from: number; to: number } {
  let from = 0;
  let to = 0;
  const bands = lost.map(({ rank }) => {
    while ((warnings[from]?.rank ?? Number.POSITIVE_INFINITY) < rank - MAX_DISTANCE_LINES) from++;
    while ((warnings[to]?.rank ?? Number.POSITIVE_INFINITY) <= rank + MAX_DISTANCE_LINES) to++;
    return { from, to: Math.max(to, from) };
  });
  return (row) => bands[row] ?? { from: 0, to: 0 };
}
