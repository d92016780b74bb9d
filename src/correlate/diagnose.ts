import type { Evidence, PostgresContextEvent, PostgresErrorEvent } from '../domain.ts';
import { classifyClientText, classifyServerError, type Classification } from './causes/classify.ts';
import { causeById } from './causes/catalogue.ts';
import { assertNever } from '../errors.ts';
import { textOfClaim, type Claim } from './claims.ts';
import type { Identity } from './identity.ts';
import { incidentAt, type OpenedIncident } from './incidents.ts';
import type { LockWaits, LockWait } from './lock-waits.ts';
import type { Match, Matching } from './match.ts';

/** What one failure is put down to, before it is dressed as a verdict. */
export interface Diagnosis {
  readonly classification: Classification;
  /** Probability that the cause is right, all known evidence taken. */
  readonly confidence: number;
  /** The entry that is the error itself, with the probability that it is this very one. */
  readonly match: Match | null;
  readonly root: Root | null;
  readonly wait: LockWait | null;
  readonly evidence: readonly Evidence[];
}

export interface Root {
  readonly cause: string;
  readonly entry: PostgresContextEvent | PostgresErrorEvent;
}

export interface Scene {
  readonly identity: Identity;
  readonly incidents: readonly OpenedIncident[];
  readonly lockWaits: LockWaits;
  /** Entries that ended sessions of denokv, in order of time: a second request may have met the same dead connection. */
  readonly endings: readonly EndedSession[];
  readonly hasPostgres: boolean;
  /** denokv's log holds error lines: this build says why it fails, nearly always. */
  readonly logsErrors: boolean;
}

export interface EndedSession {
  readonly entry: PostgresErrorEvent;
  readonly classification: Classification;
  /** On denokv's clock. */
  readonly atUs: number;
}

/** Below this the likeliest entry is not worth naming as the line: it stays among the alternatives. */
const MIN_LINE_PROBABILITY = 0.05;
/** A connection lost while the whole server went is put down to that, unless some session's own end is likelier than this. */
const OWN_END_PROBABILITY = 0.25;
const INCIDENT_GRACE_US = 1_500_000;
/** A dead connection is met by the next request that takes it, mostly at once. */
const SECOND_VICTIM_US = 1_500_000;

/** How sure the causes are that a text alone cannot prove; measured over the labelled captures (`npm run bench` prints the table). */
const CONFIDENCE = {
  shutdownByIncident: 0.985,
  terminatedByAdministrator: 0.985,
  lostInIncident: 0.97,
  lostAfterTermination: 0.85,
  lostAlone: 0.93,
  lostWithoutServerLog: 0.6,
  silentInIncident: 0.8,
  silentWithoutEntry: 0.85,
} as const;

export function diagnose(claim: Claim, matching: Matching | undefined, scene: Scene): Diagnosis {
  switch (claim.body.kind) {
    case 'server':
      return diagnoseServerText(claim, matching, scene);
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

function diagnoseServerText(claim: Claim, matching: Matching | undefined, scene: Scene): Diagnosis {
  if (claim.body.kind !== 'server') return unknownDiagnosis(claim);
  const match = bestMatch(matching);
  const { severity, message, detail } = claim.body.error;
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
  const match = bestMatch(matching);
  if (match === null) return unknownDiagnosis(claim);
  const { classification } = match.candidate;
  const sameCause = (matching?.matches ?? []).filter(
    ({ candidate }) => candidate.classification.row === classification.row,
  );
  const confidence = sameCause.reduce((sum, { probability }) => sum + probability, 0) * classification.confidence;
  const evidence = matchEvidence(
    match,
    matching,
    'denokv says only "db error"; this entry fits by time, session and operation',
  );
  return explain(claim, { classification, confidence, match, evidence }, scene);
}

function diagnoseClientText(claim: Claim, text: string, matching: Matching | undefined, scene: Scene): Diagnosis {
  const classification = classifyClientText(text, claim.operation, scene.identity.backend);
  const evidence: Evidence[] = [{ rule: 'client_text', weight: 4.6, says: `denokv says: ${text}` }];
  if (classification.row.id === 'connection_lost')
    return diagnoseLostConnection(claim, classification, matching, evidence, scene);
  const root = classification.row.id === 'connection_refused' ? rootIncident(claim, scene) : null;
  return {
    classification,
    confidence: classification.confidence,
    match: null,
    root,
    wait: null,
    evidence: [...evidence, ...rootEvidence(root)],
  };
}

/** A 500 without a word of denokv's: an entry that nobody else claims, an incident, or the one refusal that denokv makes in silence. */
function diagnoseSilent(claim: Claim, matching: Matching | undefined, scene: Scene): Diagnosis {
  const match = bestMatch(matching);
  const inferred = matching?.rule === 'inferred';
  const seen = inferred
    ? 'denokv logs none of its errors; Postgres shows this one in a session of its'
    : 'the response was 500, and denokv logged nothing of it';
  const evidence: Evidence[] = [{ rule: 'unlogged', weight: 0, says: seen }];
  if (match !== null && match.probability >= 0.5) {
    const { classification } = match.candidate;
    const confidence = match.probability * classification.confidence;
    return explain(
      claim,
      {
        classification,
        confidence,
        match,
        evidence: [...evidence, ...matchEvidence(match, matching, 'this entry fits by time, session and operation')],
      },
      scene,
    );
  }
  const incident = incidentOf(claim, scene);
  const nothing = unknownDiagnosis(claim);
  if (incident !== null) {
    const root = { cause: incident.cause, entry: incident.entry };
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

/** The socket died: because its session was ended (that entry is the answer), because the server went (an incident), or for no reason in the log. */
function diagnoseLostConnection(
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
    const evidence = [
      ...told,
      ...matchEvidence(
        match,
        matching,
        'this session of denokv was ended just before, and no other line of denokv tells of it',
      ),
    ];
    return explain(
      claim,
      {
        classification: match.candidate.classification,
        confidence: match.probability * CONFIDENCE.lostInIncident,
        match,
        evidence,
      },
      scene,
    );
  }
  if (incident !== null) {
    const root = { cause: incident.cause, entry: incident.entry };
    return {
      classification: named(incident.cause, lost),
      confidence: CONFIDENCE.lostInIncident,
      match: null,
      root,
      wait: null,
      evidence: [...told, ...rootEvidence(root)],
    };
  }
  const ended = endedBefore(claim, scene);
  if (ended !== null) {
    const root = { cause: ended.classification.row.id, entry: ended.entry };
    return {
      classification: ended.classification,
      confidence: CONFIDENCE.lostAfterTermination,
      match: null,
      root,
      wait: null,
      evidence: [...told, ...rootEvidence(root)],
    };
  }
  const confidence = scene.hasPostgres ? CONFIDENCE.lostAlone : CONFIDENCE.lostWithoutServerLog;
  return { classification: lost, confidence, match: null, root: null, wait: null, evidence: told };
}

type Proximate = Pick<Diagnosis, 'classification' | 'confidence' | 'match' | 'evidence'>;

/** From the entry that is the error to what lies behind it. */
function explain(claim: Claim, proximate: Proximate, scene: Scene): Diagnosis {
  const { classification } = proximate;
  if (classification.sqlstate === '57P01') {
    const incident = incidentOf(claim, scene);
    const shutdown = incident?.cause === 'server_shutdown' ? { cause: incident.cause, entry: incident.entry } : null;
    const row = shutdown === null ? 'backend_terminated' : 'server_shutdown';
    const certainty = shutdown === null ? CONFIDENCE.terminatedByAdministrator : CONFIDENCE.shutdownByIncident;
    return withRoot(
      {
        ...proximate,
        classification: named(row, classification),
        // The words alone leave open whose act it was; the server's log tells whether it was a shutdown.
        confidence: scene.hasPostgres
          ? (proximate.confidence / classification.confidence) * certainty
          : proximate.confidence,
      },
      shutdown,
    );
  }
  if (classification.sqlstate === '57P03') return withRoot(proximate, rootIncident(claim, scene));
  if (classification.row.category === 'timeout' && proximate.match !== null) {
    const wait = scene.lockWaits.behind(proximate.match.candidate.entry);
    if (wait !== null) return { ...withRoot(proximate, { cause: 'lock_wait', entry: wait.entry }), wait };
  }
  return withRoot(proximate, null);
}

function withRoot(proximate: Proximate, root: Root | null): Diagnosis {
  return { ...proximate, root, wait: null, evidence: [...proximate.evidence, ...rootEvidence(root)] };
}

function matchEvidence(match: Match, matching: Matching | undefined, says: string): Evidence[] {
  const rivals = (matching?.matches.length ?? 1) - 1;
  return [
    { rule: matching?.rule ?? 'same_text', weight: logOdds(match.probability), says },
    {
      rule: 'session',
      weight: match.candidate.ownership.weight,
      says: `whose session: ${match.candidate.ownership.says}`,
    },
    ...(rivals > 0
      ? [
          {
            rule: 'rivals',
            weight: -Math.log(rivals + 1),
            says: `${String(rivals)} other ${rivals === 1 ? 'entry fits' : 'entries fit'} too`,
          },
        ]
      : []),
  ];
}

function rootEvidence(root: Root | null): Evidence[] {
  return root === null ? [] : [{ rule: 'root', weight: 3, says: `behind it: ${root.entry.message}` }];
}

/** Natural logarithm of the odds, kept finite. */
function logOdds(probability: number): number {
  const p = Math.min(0.9999, Math.max(0.0001, probability));
  return Math.round(Math.log(p / (1 - p)) * 100) / 100;
}

function bestMatch(matching: Matching | undefined): Match | null {
  const best = matching?.matches[0];
  return best !== undefined && best.probability >= MIN_LINE_PROBABILITY ? best : null;
}

function incidentOf(claim: Claim, scene: Scene): OpenedIncident | null {
  return claim.interval === null
    ? null
    : incidentAt(scene.incidents, claim.interval.fromUs, claim.interval.toUs, INCIDENT_GRACE_US);
}

function rootIncident(claim: Claim, scene: Scene): Root | null {
  const incident = incidentOf(claim, scene);
  return incident === null ? null : { cause: incident.cause, entry: incident.entry };
}

function endedBefore(claim: Claim, scene: Scene): EndedSession | null {
  const at = claim.interval;
  if (at === null) return null;
  return scene.endings.findLast(({ atUs }) => atUs < at.toUs && atUs >= at.fromUs - SECOND_VICTIM_US) ?? null;
}

/** The same classification under another row: what the incident shows outweighs what the words alone would say. */
function named(id: string, classification: Classification): Classification {
  const row = causeById(id);
  return row === null ? classification : { ...classification, row };
}

function unknownDiagnosis(claim: Claim): Diagnosis {
  const text = textOfClaim(claim);
  const classification = classifyServerError({ sqlstate: null, severity: 'ERROR', message: text, context: null });
  return {
    classification,
    confidence: 0,
    match: null,
    root: null,
    wait: null,
    evidence: [{ rule: 'client_text', weight: 0, says: `denokv says only: ${text}` }],
  };
}
