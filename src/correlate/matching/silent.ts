import { align } from './align.ts';
import { bandByTime } from './band.ts';
import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { createDelayModel, widthOf } from '../timing/delay.ts';
import { matchesOf, type Matching } from './match.ts';
import type { Response500 } from '../requests/requests.ts';
import { operationOfUse } from '../identity/statements.ts';

/** So many silent 500s a second have no entry: denokv refuses a value it can't decode without a word, and a server that is away writes none. */
const WITHOUT_ENTRY_PER_SECOND = 0.05;
const ENTRY_WITHOUT_500 = 0.1;
const OPERATION_MISMATCH = 0.01;
/** So many errors of denokv's sessions, and not one line of denokv about an error: the build logs none. A client that gave up leaves one or two. */
const MIN_ENTRIES_OF_SILENT_BUILD = 3;

/** 500s that a proxy or the trace shows and no error line of denokv's tells of. */
export function unloggedClaims(unlogged: readonly Response500[]): Claim[] {
  return unlogged.map(({ event, operation, interval, rank }) => ({
    event,
    role: 'failure',
    body: { kind: 'silent' },
    connecting: false,
    operation,
    interval,
    startedUs: null,
    rank,
  }));
}

/**
 * Of a build that logs none of its errors, with no proxy to tell: each error that a request of denokv's must have met is taken for a 500.
 * An idle session's end, and what background tasks meet, are none.
 * @param isSure the build is known for a silent one by more than these entries
 */
export function inferredClaims(candidates: readonly Candidate[], isSure: boolean): Map<Claim, Matching> {
  const met = candidates.filter(
    ({ use, ending, entry, classification }) =>
      use !== 'background' &&
      use !== 'startup' &&
      // Only a request holds a transaction open; any other end may have met an idle session.
      !(ending && entry.statement === null && classification.row.category !== 'timeout'),
  );
  if (!isSure && met.length < MIN_ENTRIES_OF_SILENT_BUILD) return new Map();
  return new Map(
    met.map((candidate): [Claim, Matching] => [
      {
        event: candidate.entry,
        role: 'failure',
        body: { kind: 'silent' },
        connecting: candidate.connecting,
        operation: operationOfUse(candidate.use),
        interval: candidate.interval,
        startedUs: null,
        rank: candidate.rank,
      },
      { rule: 'inferred', matches: [{ candidate, probability: 1 }], matched: 1, claims: 1, candidates: 1 },
    ]),
  );
}

/** Joins silent 500s to the entries that no logged failure claims: by time and operation alone, since there are no words. */
export function matchSilent(silent: readonly Claim[], free: readonly Candidate[]): Map<Claim, Matching> {
  const delay = createDelayModel();
  const candidates = free.filter(({ use }) => use !== 'background' && use !== 'startup');
  if (silent.length === 0 || candidates.length === 0) return new Map();
  const { pairs, rowShares } = align({
    rows: silent.length,
    columns: candidates.length,
    pair: (row, column) => {
      const claim = silent[row];
      const candidate = candidates[column];
      if (claim?.interval == null || candidate?.interval == null) return 0;
      const operation = operationOfUse(candidate.use);
      const mismatch = operation !== null && claim.operation !== null && operation !== claim.operation;
      return delay(candidate.interval, claim.interval) * (mismatch ? OPERATION_MISMATCH : 1);
    },
    skipRow: (row) => {
      const answered = silent[row]?.interval;
      return answered == null ? WITHOUT_ENTRY_PER_SECOND : (WITHOUT_ENTRY_PER_SECOND * widthOf(answered)) / 1_000_000;
    },
    skipColumn: () => ENTRY_WITHOUT_500,
    band: bandByTime(silent, candidates),
  });
  return new Map(
    silent.map((claim, row): [Claim, Matching] => [
      claim,
      {
        rule: 'silent',
        matches: matchesOf(pairs[row] ?? [], candidates),
        matched: rowShares[row] ?? 0,
        claims: silent.length,
        candidates: candidates.length,
      },
    ]),
  );
}
