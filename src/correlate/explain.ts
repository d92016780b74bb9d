import type { Claim } from './claims.ts';
import { deadlockEvidence } from './deadlock-cycle.ts';
import { CONFIDENCE, incidentOf, named, rootOf, type Diagnosis, type Root, type Scene } from './diagnosis.ts';
import { rootEvidence } from './evidence.ts';
import { firstErrorOfTransaction } from './aborted-transaction.ts';
import { waitBehind } from './lock-waits.ts';

/** A failure with the error that it met, before anybody asks what lies behind that. */
export type Proximate = Pick<Diagnosis, 'classification' | 'confidence' | 'match' | 'evidence'>;

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
    if (wait !== null) return { ...withRoot(proximate, { cause: 'lock_wait', entry: wait.entry }), wait };
  }
  if (classification.row.id === 'transaction_aborted' && match !== null)
    return withRoot(proximate, firstErrorOfTransaction(match.candidate.entry, scene.sessions));
  if (classification.row.id === 'deadlock') {
    const cycle = deadlockEvidence(claim, match?.candidate.entry ?? null, scene.sessions);
    return withRoot({ ...proximate, evidence: [...cycle, ...proximate.evidence] }, null);
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
  return withRoot({ ...proximate, classification: named(row, classification), confidence }, shutdown);
}

function withRoot(proximate: Proximate, root: Root | null): Diagnosis {
  return { ...proximate, root, wait: null, evidence: [...proximate.evidence, ...rootEvidence(root)] };
}
