import type { Evidence } from '../../domain.ts';
import type { Classification } from '../causes/classify.ts';
import type { Claim } from '../matching/claims.ts';
import { CONFIDENCE, incidentOf, named, rootOf, type Diagnosis, type Root, type Scene } from './diagnosis.ts';
import { endedJustBefore } from '../sessions/ended-sessions.ts';
import { matchEvidence, rootEvidence } from './evidence.ts';
import { explain } from './explain.ts';
import { bestMatch, type Matching } from '../matching/match.ts';

/** A connection lost while the whole server went is put down to that, unless some session's own end is likelier than this. */
const OWN_END_PROBABILITY = 0.25;

/** The socket died: because its session was ended (that entry is the answer), because the server went (an incident), or for no reason in the log. */
export function diagnoseLostConnection(
  claim: Claim,
  lost: Classification,
  matching: Matching | undefined,
  told: readonly Evidence[],
  scene: Scene,
): Diagnosis {
  const match = bestMatch(matching);
  const incident = incidentOf(claim, scene);
  if (
    match !== null &&
    (incident === null || (incident.cause === 'server_shutdown' && match.probability >= OWN_END_PROBABILITY))
  ) {
    const { classification } = match.candidate;
    const ended = 'this session of denokv was ended just before, and no other line of denokv tells of it';
    const evidence = [...told, ...matchEvidence(match, matching, ended)];
    const confidence = match.probability * CONFIDENCE.lostInIncident;
    return explain(claim, { classification, confidence, match, evidence }, scene);
  }
  const without = (classification: Classification, confidence: number, root: Root | null): Diagnosis => ({
    classification,
    confidence,
    match: null,
    root,
    wait: null,
    evidence: [...told, ...rootEvidence(root)],
  });
  if (incident !== null) return without(named(incident.cause, lost), CONFIDENCE.lostInIncident, rootOf(incident));
  const ended = endedJustBefore(claim.interval, scene.endings);
  if (ended !== null) {
    const root = { cause: ended.classification.row.id, entry: ended.entry };
    return without(ended.classification, CONFIDENCE.lostAfterTermination, root);
  }
  return without(lost, scene.hasPostgres ? CONFIDENCE.lostAlone : CONFIDENCE.lostWithoutServerLog, null);
}
