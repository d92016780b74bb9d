import type { Evidence } from '../../domain.ts';
import type { Claim } from '../matching/claims.ts';
import { deadlockEvidence, deadlockParties } from './deadlock-cycle.ts';
import { CONFIDENCE, incidentOf, named, rootOf, type Diagnosis, type Root, type Scene } from './diagnosis.ts';
import { endedByEvidence } from '../sessions/ended-by.ts';
import { rootEvidence } from './evidence.ts';
import { firstErrorOfTransaction } from './aborted-transaction.ts';
import { waitBehind, waitEvidence } from '../sessions/lock-waits.ts';

/** A failure with the error that it met, before anybody asks what lies behind that. */
export type Proximate = Pick<Diagnosis, 'classification' | 'confidence' | 'match' | 'evidence' | 'cycle'>;

/** Where waits are logged, their absence tells something. */
const TRULY_SLOW: Evidence = {
  rule: 'no_lock_wait',
  weight: 1,
  says: 'Postgres logs lock waits here and shows none of this session: the statement itself was slow, or it waited for less than deadlock_timeout at a time',
};

/** From the error that a request met to what lies behind it: shutdown, lock wait, earlier error, the other parties of a deadlock. */
export function explain(claim: Claim, proximate: Proximate, scene: Scene): Diagnosis {
  const { classification, match } = proximate;
  if (classification.sqlstate === '57P01') return explainEnd(claim, proximate, scene);
  if (classification.sqlstate === '57P03') {
    const incident = incidentOf(claim, scene);
    return withRoot(proximate, incident === null ? null : rootOf(incident));
  }
  if (classification.row.category === 'timeout' && match !== null) {
    const wait = waitBehind(match.candidate.entry, scene.sessions, classification.sqlstate === '57014');
    if (wait !== null) {
      const evidence = [...waitEvidence(wait, scene.sessions), ...proximate.evidence];
      return { ...withRoot({ ...proximate, evidence }, { cause: 'lock_wait', entry: wait.entry }), wait };
    }
    if (classification.row.id === 'statement_timeout' && scene.logsLockWaits)
      return withRoot({ ...proximate, evidence: [TRULY_SLOW, ...proximate.evidence] }, null);
  }
  if (classification.row.id === 'query_canceled' && match !== null) {
    const by = endedByEvidence(match.candidate.entry, scene.sessions);
    return withRoot({ ...proximate, evidence: [...by, ...proximate.evidence] }, null);
  }
  if (classification.row.id === 'transaction_aborted' && match !== null)
    return withRoot(proximate, firstErrorOfTransaction(match.candidate.entry, scene.sessions));
  if (classification.row.id === 'deadlock') {
    const cycle = deadlockParties(claim, match?.candidate.entry ?? null, scene.sessions);
    return withRoot({ ...proximate, cycle, evidence: [...deadlockEvidence(cycle), ...proximate.evidence] }, null);
  }
  return withRoot(proximate, null);
}

/** The words of a 57P01 leave open whose act it was; the server's log tells whether it was a shutdown. */
function explainEnd(claim: Claim, proximate: Proximate, scene: Scene): Diagnosis {
  const { classification } = proximate;
  const incident = incidentOf(claim, scene);
  const shutdown = incident?.cause === 'server_shutdown' ? rootOf(incident) : null;
  const certainty = shutdown === null ? CONFIDENCE.terminatedByAdministrator : CONFIDENCE.shutdownByIncident;
  const confidence = scene.hasPostgres
    ? (proximate.confidence / classification.confidence) * certainty
    : proximate.confidence;
  const row = shutdown === null ? 'backend_terminated' : 'server_shutdown';
  const entry = proximate.match?.candidate.entry;
  const by = shutdown === null && entry !== undefined ? endedByEvidence(entry, scene.sessions) : [];
  const evidence = [...by, ...proximate.evidence];
  return withRoot({ ...proximate, classification: named(row, classification), confidence, evidence }, shutdown);
}

function withRoot(proximate: Proximate, root: Root | null): Diagnosis {
  return { ...proximate, root, wait: null, evidence: [...proximate.evidence, ...rootEvidence(root)] };
}
