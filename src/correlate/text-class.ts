import type { ServerError } from '../domain.ts';
import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { groupBy } from './group-by.ts';
import { operationOfUse } from './statements.ts';

/** Claims and candidates that may be each other's by what they say: the aligner only decides which is whose. */
export interface TextClass {
  readonly rule: 'same_text' | 'bare_error' | 'lost_connection';
  readonly claims: readonly Claim[];
  readonly candidates: readonly Candidate[];
}

/** Classes of claims that carry the server's own text, and of those that say only `db error`. */
export function textClasses(claims: readonly Claim[], candidates: readonly Candidate[]): TextClass[] {
  return [...sameTextClasses(claims, candidates), ...bareClasses(claims, candidates)];
}

function sameTextClasses(claims: readonly Claim[], candidates: readonly Candidate[]): TextClass[] {
  const byMessage = groupBy(candidates, ({ entry }) => entry.message);
  const classes: TextClass[] = [];
  for (const [message, speaking] of groupBy(claims.filter(isServerClaim), ({ body }) => body.error.message)) {
    const spoken = byMessage.get(message) ?? [];
    // A terse log has no DETAIL to tell them apart by: then they are one class, or one entry would be given to several.
    const terse = spoken.every(({ entry }) => entry.detail === null);
    const details = groupBy(speaking, ({ body }) => (terse ? '' : (body.error.detail ?? '')));
    const partners = assignDetails([...details.keys()], spoken);
    for (const [detail, members] of details) {
      classes.push(...byOperation({ rule: 'same_text', claims: members, candidates: partners.get(detail) ?? [] }));
    }
  }
  return classes;
}

/**
 * Gives each entry to the claims whose DETAIL it has. The log may say more than the client was told (a deadlock's statements, an authentication's
 * hba line: `errdetail_log`), or nothing for once: then it fits several.
 */
function assignDetails(details: readonly string[], candidates: readonly Candidate[]): Map<string, Candidate[]> {
  const partners = new Map<string, Candidate[]>(details.map((detail) => [detail, []]));
  const plain = partners.get('');
  for (const candidate of candidates) {
    const logged = candidate.entry.detail;
    const exact = logged === null ? undefined : partners.get(logged);
    if (exact !== undefined) exact.push(candidate);
    else if (logged === null) for (const list of partners.values()) list.push(candidate);
    else
      (partners.get(details.find((detail) => detail !== '' && logged.startsWith(`${detail}\n`)) ?? '') ?? plain)?.push(
        candidate,
      );
  }
  return partners;
}

function bareClasses(claims: readonly Claim[], candidates: readonly Candidate[]): TextClass[] {
  const bare = claims.filter(({ body }) => body.kind === 'bare');
  return [true, false].flatMap((connecting) =>
    byOperation({
      rule: 'bare_error',
      claims: bare.filter((claim) => claim.connecting === connecting),
      candidates: candidates.filter((candidate) => candidate.connecting === connecting),
    }),
  );
}

/** Where every claim's and every entry's operation is known, reads and writes are two classes: their order among each other is then free. */
function byOperation(textClass: TextClass): TextClass[] {
  const known =
    textClass.claims.every(({ role, operation }) => role === 'background' || operation !== null) &&
    textClass.candidates.every(({ use }) => use === 'background' || operationOfUse(use) !== null);
  if (!known) return [textClass];
  const claims = groupBy(textClass.claims, ({ role, operation }) =>
    role === 'background' ? 'background' : String(operation),
  );
  const candidates = groupBy(textClass.candidates, ({ use }) => use);
  return [...claims].map(([operation, members]) => ({
    ...textClass,
    claims: members,
    candidates: candidates.get(operation) ?? [],
  }));
}

type ServerClaim = Claim & { readonly body: { readonly kind: 'server'; readonly error: ServerError } };

function isServerClaim(claim: Claim): claim is ServerClaim {
  return claim.body.kind === 'server';
}
