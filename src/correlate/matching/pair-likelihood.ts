import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import type { DelayModel } from '../timing/delay.ts';
import { operationOfUse } from '../identity/statements.ts';
import { fitsDetail, type TextClass } from './text-class.ts';

const OPERATION_MISMATCH = 0.01;
const STATEMENT_MISMATCH = 0.05;
/** Of a pair of which one side has no time. */
const TIMELESS = 0.5;

/**
 * How likely each pair of a class is. Asked for hundreds of cells a line in a storm: what only one of the two decides is found out once, and so is what is
 * alike in all pairs of two kinds.
 */
export function pairLikelihoods(
  { claims, candidates }: TextClass,
  delay: DelayModel,
): (row: number, column: number) => number {
  const rowKinds = new Kinds<Claim>(({ role, operation }) => `${role} ${String(operation)}`);
  const columnKinds = new Kinds<Candidate>(
    ({ use, classification, entry }) =>
      `${use}${classification.sqlstate === '57P01' ? ` ended ${String(entry.statement === null)}` : ''}`,
  );
  const kindOfRow = Uint16Array.from(claims, (claim) => rowKinds.of(claim));
  const kindOfColumn = Uint16Array.from(candidates, (candidate) => columnKinds.of(candidate));
  const width = columnKinds.examples.length;
  const kinship = new Float64Array(rowKinds.examples.length * width);
  for (const [row, claim] of rowKinds.examples.entries())
    for (const [column, candidate] of columnKinds.examples.entries())
      kinship[row * width + column] = likelihoodOfKinds(claim, candidate);
  const areOfOneDetail = haveOneDetail(claims, candidates);
  return (row, column) => {
    const claim = claims[row];
    const candidate = candidates[column];
    if (claim === undefined || candidate === undefined) return 0;
    const { interval } = candidate;
    const byTime = claim.interval === null || interval === null ? TIMELESS : delay(interval, claim.interval);
    if (byTime === 0 || !(areOfOneDetail || fits(claim, candidate))) return 0;
    return byTime * (kinship[(kindOfRow[row] ?? 0) * width + (kindOfColumn[column] ?? 0)] ?? 1);
  };
}

/** Numbers for things that are alike, and one of each kind. */
class Kinds<T> {
  readonly examples: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #keyOf: (thing: T) => string;

  constructor(keyOf: (thing: T) => string) {
    this.#keyOf = keyOf;
  }

  of(thing: T): number {
    const key = this.#keyOf(thing);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.examples.length;
      this.#numbers.set(key, number);
      this.examples.push(thing);
    }
    return number;
  }
}

function likelihoodOfKinds({ role, operation }: Claim, { use, entry, classification }: Candidate): number {
  let likelihood = 1;
  const ran = operationOfUse(use);
  if (role === 'background' ? ran !== null : use === 'background') likelihood *= OPERATION_MISMATCH;
  else if (operation !== null && ran !== null && operation !== ran) likelihood *= OPERATION_MISMATCH;
  // A session that an administrator ended while it was idle has no STATEMENT, and only the pool hears of it; one that was at work has one.
  if (classification.sqlstate === '57P01' && (role === 'connection') !== (entry.statement === null))
    likelihood *= STATEMENT_MISMATCH;
  return likelihood;
}

/** Whether every pair fits by its DETAIL, as in most classes. */
function haveOneDetail(claims: readonly Claim[], candidates: readonly Candidate[]): boolean {
  const [first] = claims;
  if (first === undefined) return true;
  const told = toldDetailOf(first);
  return (
    claims.every((claim) => toldDetailOf(claim) === told) &&
    (told === null || candidates.every((candidate) => fits(first, candidate)))
  );
}

function toldDetailOf({ body }: Claim): string | null {
  return body.kind === 'server' ? body.error.detail : null;
}

function fits({ body }: Claim, { entry }: Candidate): boolean {
  return body.kind !== 'server' || fitsDetail(body.error.detail, entry.detail);
}
