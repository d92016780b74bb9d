import type { Evidence } from '../domain.ts';
import type { Claim } from './claims.ts';
import type { Matching } from './match.ts';

/** From here on a line is as good as proved, and nothing is missing. */
const SURE = 0.99;

/** What would have made the answer surer, by what the logs lack; the most telling one first. Each names one setting. */
const LACKS: readonly {
  readonly lacks: (claim: Claim, matching: Matching) => boolean;
  readonly says: string;
}[] = [
  {
    lacks: ({ body }) => body.kind === 'bare' || body.kind === 'silent',
    says: 'denokv does not say what Postgres told it: this build leaves the text out, so only time, session and operation speak',
  },
  {
    lacks: (_, { matches }) => matches.some(({ candidate }) => candidate.entry.at?.precision === 'second'),
    says: "Postgres stamps whole seconds: log_line_prefix = '%m [%p] %l %e %x %q%u@%d ' would tell entries of one second apart",
  },
  {
    lacks: (_, { matches }) => matches.some(({ candidate }) => candidate.entry.pid === null),
    says: "the log_line_prefix has no %p: without the backend's pid no session can be followed",
  },
  {
    lacks: (_, { matches }) =>
      matches.some(({ candidate }) => candidate.entry.application === null && candidate.ownership.weight < 3),
    says: "nothing tells denokv's sessions from others: add ?application_name=denokv to its connection URL, and %a or %u@%d to log_line_prefix",
  },
  {
    lacks: ({ interval }) => interval !== null && interval.toUs - interval.fromUs >= 1_000_000,
    says: 'denokv stamps whole seconds: a proxy log with request ids, or journald in front of it, has a finer clock',
  },
];

/** One piece of evidence of weight 0 that says what was not available; none where the line is sure. */
export function missingEvidence(claim: Claim, matching: Matching | undefined): Evidence[] {
  const best = matching?.matches[0];
  if (matching === undefined || best === undefined || best.probability >= SURE) return [];
  const lack = LACKS.find(({ lacks }) => lacks(claim, matching));
  return lack === undefined ? [] : [{ rule: 'not_available', weight: 0, says: lack.says }];
}
