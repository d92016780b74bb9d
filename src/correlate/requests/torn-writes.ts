import type { Claim } from '../matching/claims.ts';
import type { Operation } from '../../domain.ts';

interface Answered {
  readonly response: { readonly operation: Operation | null; readonly rank: number };
}

/** A citation may end before its line's end. */
const LINE_END_BYTES = 2;

/**
 * Gives a row of torn writes its requests in the proxy's order. A failed write prints two lines; where another thread's stand between them, which of the
 * errors that follow was the write's is a guess, and so is its request. Line upon line of errors with no announcement between them are such a row, when a
 * write is among them that was not first. The proxy answered them in the order in which denokv told them, and its paths say which was which.
 */
export function untangled<T extends Answered>(
  failures: readonly Claim[],
  byClaim: ReadonlyMap<Claim, T>,
): Map<Claim, T> {
  const result = new Map(byClaim);
  if (byClaim.size === 0) return result;
  for (const row of rowsOf(failures)) {
    if (!row.slice(1).some(({ operation }) => operation === 'atomic_write')) continue;
    const matches = row.flatMap((claim) => byClaim.get(claim) ?? []);
    if (matches.length !== row.length || matches.some(({ response }) => response.operation === null)) continue;
    matches.sort((a, b) => a.response.rank - b.response.rank);
    for (const [at, claim] of row.entries()) {
      const match = matches[at];
      if (match !== undefined) result.set(claim, match);
    }
  }
  return result;
}

/** Failures of one text that stand directly one upon the other. */
function rowsOf(failures: readonly Claim[]): Claim[][] {
  const rows: Claim[][] = [];
  for (const claim of failures) {
    const row = rows.at(-1);
    const last = row?.at(-1);
    if (row !== undefined && last !== undefined && isNext(last, claim)) row.push(claim);
    else rows.push([claim]);
  }
  return rows;
}

function isNext({ event: a }: Claim, { event: b }: Claim): boolean {
  if (a.kind !== 'denokv_error' || b.kind !== 'denokv_error') return false;
  const distance = b.citation.byteStart - a.citation.byteEnd;
  return a.citation.fileId === b.citation.fileId && a.text === b.text && distance >= 0 && distance <= LINE_END_BYTES;
}
