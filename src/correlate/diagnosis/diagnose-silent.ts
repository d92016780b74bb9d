import type { Evidence } from '../../domain.ts';
import type { Claim } from '../matching/claims.ts';
import { CONFIDENCE, incidentOf, named, rootOf, unknownDiagnosis, type Diagnosis, type Scene } from './diagnosis.ts';
import { matchEvidence, rootEvidence } from './evidence.ts';
import { explain } from './explain.ts';
import { bestMatch, type Matching } from '../matching/match.ts';

/** Without words an entry has to be likelier than not before it is called the reason. */
const MIN_PROBABILITY = 0.5;

/** A 500 without a word of denokv's: an entry that nobody else claims, an incident, or the one refusal that denokv makes in silence. */
export function diagnoseSilent(claim: Claim, matching: Matching | undefined, scene: Scene): Diagnosis {
  const match = bestMatch(matching);
  const says =
    matching?.rule === 'inferred'
      ? 'denokv logs none of its errors; Postgres shows this one in a session of its'
      : 'the response was 500, and denokv logged nothing of it';
  const evidence: Evidence[] = [{ rule: 'unlogged', weight: 0, says }];
  if (match !== null && match.probability >= MIN_PROBABILITY) {
    const { classification } = match.candidate;
    const fits = matchEvidence(match, matching, 'this entry fits by time, session and operation');
    const confidence = match.probability * classification.confidence;
    return explain(claim, { classification, confidence, match, evidence: [...evidence, ...fits] }, scene);
  }
  const nothing = unknownDiagnosis(claim);
  const incident = incidentOf(claim, scene);
  if (incident !== null) {
    const root = rootOf(incident);
    return {
      ...nothing,
      classification: named(incident.cause, nothing.classification),
      confidence: CONFIDENCE.silentInIncident,
      root,
      evidence: [...evidence, ...rootEvidence(root)],
    };
  }
  if (!scene.logsErrors) return { ...nothing, evidence };
  return {
    ...nothing,
    classification: named('value_encoding', nothing.classification),
    confidence: CONFIDENCE.silentWithoutEntry,
    evidence,
  };
}
