import type { ServerError } from '../../domain.ts';
import type { Candidate } from './candidates.ts';
import type { Claim } from './claims.ts';
import { groupBy } from '../group-by.ts';
import { operationOfUse } from '../identity/statements.ts';

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
    const details = groupBy(speaking, ({ body }) => body.error.detail ?? '');
    // An entry that kept its DETAIL to itself may be anybody's: then all of the message are one class, and pairs of unlike DETAIL are impossible.
    const isTerse =
      [...details.keys()].some((detail) => detail !== '') && spoken.some(({ entry }) => entry.detail === null);
    const groups = isTerse ? [[speaking, spoken] as const] : byDetail(details, spoken);
    for (const [said, logged] of groups)
      classes.push(...byOperation({ rule: 'same_text', claims: said, candidates: logged }));
  }
  return classes;
}

/**
 * Gives each entry to the claims whose DETAIL it has. The log may say more than the client was told: a deadlock's statements, an authentication's
 * hba line (`errdetail_log`).
 */
function byDetail<T extends Claim>(
  details: ReadonlyMap<string, readonly T[]>,
  candidates: readonly Candidate[],
): (readonly [readonly T[], readonly Candidate[]])[] {
  const partners = new Map<string, Candidate[]>([...details.keys()].map((detail) => [detail, []]));
  for (const candidate of candidates) {
    const logged = candidate.entry.detail ?? '';
    const told = [logged, ...openingsOf(logged)].find((detail) => partners.has(detail)) ?? '';
    partners.get(told)?.push(candidate);
  }
  return [...details].map(([detail, members]) => [members, partners.get(detail) ?? []] as const);
}

/** The text up to each of its line ends, longest first. */
function* openingsOf(text: string): Generator<string, void> {
  for (let end = text.lastIndexOf('\n'); end > 0; end = text.lastIndexOf('\n', end - 1)) yield text.slice(0, end);
}

/** Whether an entry can be the one whose DETAIL a client was told: the log may say more, or keep silent. */
export function fitsDetail(told: string | null, logged: string | null): boolean {
  return told === null || logged === null || logged === told || logged.startsWith(`${told}\n`);
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
