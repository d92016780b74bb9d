import type { Evidence, ServerError } from '../../domain.ts';
import { assertNever } from '../../errors.ts';
import { classifyClientText, classifyServerError } from '../causes/classify.ts';
import type { Claim } from '../matching/claims.ts';
import { diagnoseLostConnection } from './diagnose-lost.ts';
import { diagnoseSilent } from './diagnose-silent.ts';
import { incidentOf, rootOf, unknownDiagnosis, type Diagnosis, type Scene } from './diagnosis.ts';
import { matchEvidence, rootEvidence } from './evidence.ts';
import { explain } from './explain.ts';
import { bestMatch, type Matching } from '../matching/match.ts';

/** Puts a failure down to its cause: by what denokv says of it, and by the entry that it was matched with. */
export function diagnose(claim: Claim, matching: Matching | undefined, scene: Scene): Diagnosis {
  switch (claim.body.kind) {
    case 'server':
      return diagnoseServerText(claim, claim.body.error, matching, scene);
    case 'bare':
      return diagnoseBareError(claim, matching, scene);
    case 'client':
      return diagnoseClientText(claim, claim.body.text, matching, scene);
    case 'silent':
      return diagnoseSilent(claim, matching, scene);
    default:
      return assertNever(claim.body);
  }
}

function diagnoseServerText(claim: Claim, error: ServerError, matching: Matching | undefined, scene: Scene): Diagnosis {
  const match = bestMatch(matching);
  const { severity, message, detail } = error;
  // The entry has what the client was not told: SQLSTATE, CONTEXT, the severity in English. Equal words make it as good a witness whichever of them it is.
  const classification =
    match === null
      ? classifyServerError({ sqlstate: null, severity, message, detail })
      : match.candidate.classification;
  const evidence: Evidence[] = [
    { rule: 'client_text', weight: 4.6, says: `denokv was told: ${severity}: ${message}` },
    ...(match === null ? [] : matchEvidence(match, matching, 'both logs have the same words')),
  ];
  return explain(claim, { classification, confidence: classification.confidence, match, evidence }, scene);
}

function diagnoseBareError(claim: Claim, matching: Matching | undefined, scene: Scene): Diagnosis {
  const likeliest = matching?.matches[0];
  if (matching === undefined || likeliest === undefined) return unknownDiagnosis(claim);
  const { classification } = likeliest.candidate;
  const evidence = matchEvidence(
    likeliest,
    matching,
    'denokv says only "db error"; this entry fits by time, session and operation',
  );
  // In a crowd no line is likely, and the cause is all the same: what the named entries share is taken for what all of them do.
  const named = matching.matches.reduce((sum, { probability }) => sum + probability, 0);
  const sameCause = matching.matches
    .filter(({ candidate }) => candidate.classification.row === classification.row)
    .reduce((sum, { probability }) => sum + probability, 0);
  const confidence = ((matching.matched * sameCause) / named) * classification.confidence;
  return explain(claim, { classification, confidence, match: bestMatch(matching), evidence }, scene);
}

function diagnoseClientText(claim: Claim, text: string, matching: Matching | undefined, scene: Scene): Diagnosis {
  const classification = classifyClientText(text, claim.operation, scene.identity.backend);
  const evidence: Evidence[] = [{ rule: 'client_text', weight: 4.6, says: `denokv says: ${text}` }];
  if (classification.row.id === 'connection_lost')
    return diagnoseLostConnection(claim, classification, matching, evidence, scene);
  const incident = classification.row.id === 'connection_refused' ? incidentOf(claim, scene) : null;
  const root = incident === null ? null : rootOf(incident);
  return {
    classification,
    confidence: classification.confidence,
    match: null,
    root,
    wait: null,
    evidence: [...evidence, ...rootEvidence(root)],
  };
}
