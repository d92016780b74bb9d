import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { learnIdentity, ownershipOf, type Identity } from '../identity/identity.ts';
import type { Window } from '../window.ts';

/** The claims of one denokv and the entries that may be its. */
export interface Instance {
  readonly claims: readonly Claim[];
  readonly candidates: readonly Candidate[];
}

/**
 * Parts the denokvs whose logs were given together by the names that their start-up lines give: what one role met, no request of another's did. They
 * stay together where a log does not tell its role (it was rotated since) or an entry could be several's.
 */
export function instancesOf(window: Window, claims: readonly Claim[], candidates: readonly Candidate[]): Instance[] {
  const together = [{ claims, candidates }];
  const byFile = identitiesByFile(window);
  const identities = new Map([...byFile.values()].map((identity) => [keyOf(identity), identity]));
  if (identities.size < 2) return together;
  const keyOfClaim = ({ event }: Claim): string => keyOf(byFile.get(event.citation.fileId));
  const admitting = candidates.map(({ entry }) =>
    [...identities].filter(([, identity]) => ownershipOf(entry, identity) !== null).map(([key]) => key),
  );
  const areApart =
    claims.every((claim) => identities.has(keyOfClaim(claim))) && admitting.every((keys) => keys.length < 2);
  if (!areApart) return together;
  return [...identities.keys()].map((key) => ({
    claims: claims.filter((claim) => keyOfClaim(claim) === key),
    candidates: candidates.filter((_, at) => admitting[at]?.[0] === key),
  }));
}

/** Who each log of denokv's says it is; a log without a start-up line is left out. */
function identitiesByFile(window: Window): Map<number, Identity> {
  const startups = window.denokv.filter((event) => event.kind === 'denokv_note' && event.identity !== null);
  if (startups.every(({ citation }) => citation.fileId === startups[0]?.citation.fileId)) return new Map();
  return new Map(
    [...new Set(startups.map(({ citation }) => citation.fileId))].map((fileId) => {
      const own = startups.filter(({ citation }) => citation.fileId === fileId);
      return [fileId, learnIdentity({ ...window, denokv: own }, [], {})];
    }),
  );
}

function keyOf(identity: Identity | undefined): string {
  if (identity === undefined) return '';
  return JSON.stringify([identity.users, identity.databases, identity.applications].map((names) => [...names].sort()));
}
