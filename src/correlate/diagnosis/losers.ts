import type { PostgresErrorEvent } from '../../domain.ts';
import type { Candidate } from '../matching/candidates.ts';
import { placeOfClaim, type Claim } from '../matching/claims.ts';
import { alignedFromUs, type Core } from '../core.ts';
import { groupBy } from '../group-by.ts';
import { ownershipOf, type Identity } from '../identity/identity.ts';
import type { Interval } from '../timing/interval.ts';
import type { Match, Matching } from '../matching/match.ts';
import { countWhile } from '../timing/partition.ts';
import { operationOfUse } from '../identity/statements.ts';
import type { Window } from '../window.ts';

/** Who has which entry: the claim to which it most likely belongs. */
export type Owners = ReadonlyMap<Candidate, { readonly claim: Claim; readonly probability: number }>;

export function ownersOf(matchings: ReadonlyMap<Claim, Matching>): Owners {
  const owners = new Map<Candidate, { claim: Claim; probability: number }>();
  for (const [claim, { matches }] of matchings) {
    const best = matches[0];
    if (best !== undefined && best.probability > (owners.get(best.candidate)?.probability ?? 0))
      owners.set(best.candidate, { claim, probability: best.probability });
  }
  return owners;
}

interface Lost {
  readonly claim: Claim;
  readonly loser: Match;
  readonly winner: Match | null;
  readonly owners: Owners;
}

/** Why an entry that could have been it was not taken; the first that holds. */
const REASONS: readonly ((lost: Lost) => string | null)[] = [
  ({ claim, loser: { candidate } }) => {
    const operation = operationOfUse(candidate.use);
    const isOther = operation !== null && claim.operation !== null && operation !== claim.operation;
    return isOther ? `another operation: its statement is of ${operation}` : null;
  },
  ({ claim, loser, owners }) => {
    const owner = owners.get(loser.candidate);
    return owner !== undefined && owner.claim !== claim && owner.probability > loser.probability
      ? `taken by a better claim: ${placeOfClaim(owner.claim)}`
      : null;
  },
  ({ claim, loser, winner }) => {
    const far = distanceMs(claim, loser) - (winner === null ? 0 : distanceMs(claim, winner));
    return winner !== null && far >= 1 ? `farther in time by ${String(Math.round(far))} ms` : null;
  },
  ({ loser, winner }) =>
    winner !== null && loser.candidate.ownership.weight < winner.candidate.ownership.weight
      ? `less surely a session of denokv's: ${loser.candidate.ownership.says}`
      : null,
  ({ winner }) =>
    winner === null
      ? 'none of the entries that fit is likely enough to be named'
      : 'another session with equal words and time: only the order in both logs speaks against it',
];

export function whyLost(lost: Lost): string {
  for (const reason of REASONS) {
    const says = reason(lost);
    if (says !== null) return says;
  }
  return '';
}

function distanceMs({ interval }: Claim, { candidate }: Match): number {
  if (interval === null || candidate.interval === null) return 0;
  const { fromUs, toUs } = candidate.interval;
  return Math.max(0, interval.fromUs - toUs, fromUs - interval.toUs) / 1000;
}

/** An error of somebody else's, with the words that a failure had. */
export interface Stranger {
  readonly entry: PostgresErrorEvent;
  readonly says: string;
}

const NEAR_US = 2_000_000;
const MAX_STRANGERS = 2;

/** Other programs' errors: never candidates, but whoever looks at the log sees their words beside the failure and asks. */
export class Strangers {
  readonly #byMessage: ReadonlyMap<string, readonly PostgresErrorEvent[]>;
  readonly #identity: Identity;
  readonly #offsetUs: number;

  constructor({ postgres }: Window, identity: Identity, offsetUs: number, core: Core) {
    const fromUs = alignedFromUs(core) - offsetUs;
    const foreign = postgres.filter(
      (entry): entry is PostgresErrorEvent =>
        entry.kind === 'postgres_error' &&
        entry.at !== null &&
        entry.at.us >= fromUs &&
        ownershipOf(entry, identity) === null,
    );
    this.#byMessage = groupBy(foreign, ({ message }) => message);
    this.#identity = identity;
    this.#offsetUs = offsetUs;
  }

  /** Those with these words that were written about this time. */
  near(message: string, interval: Interval | null): Stranger[] {
    const same = this.#byMessage.get(message);
    if (same === undefined || interval === null) return [];
    const fromUs = interval.fromUs - this.#offsetUs - NEAR_US;
    const from = countWhile(same, ({ at }) => (at?.us ?? 0) < fromUs);
    return same
      .slice(from, from + MAX_STRANGERS)
      .filter(({ at }) => (at?.us ?? 0) < interval.toUs - this.#offsetUs)
      .map((entry) => ({ entry, says: this.#whose(entry) }));
  }

  #whose({ user, database, application }: PostgresErrorEvent): string {
    const { users, databases, applications } = this.#identity;
    const isOther = (known: ReadonlySet<string>, name: string | null): name is string =>
      name !== null && !known.has(name) && (known.size > 0 || known === applications);
    if (isOther(users, user)) return `of user ${user}`;
    if (isOther(databases, database)) return `of database ${database}`;
    if (isOther(applications, application)) return `of application ${application}`;
    return "with a statement that is not denokv's";
  }
}
