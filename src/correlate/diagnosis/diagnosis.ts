import type { DeadlockParty, Evidence, PostgresContextEvent, PostgresErrorEvent } from '../../domain.ts';
import { causeById } from '../causes/catalogue.ts';
import { classifyServerError, type Classification } from '../causes/classify.ts';
import { textOfClaim, type Claim } from '../matching/claims.ts';
import type { EndNotices } from '../sessions/end-notices.ts';
import type { EndedSession } from '../sessions/ended-sessions.ts';
import type { Identity } from '../identity/identity.ts';
import { incidentAt, type OpenedIncident } from '../incidents/incidents.ts';
import type { LockWait } from '../sessions/lock-waits.ts';
import type { Match } from '../matching/match.ts';
import type { Sessions } from '../sessions/sessions.ts';

/** What one failure is put down to, before it is dressed as a verdict. */
export interface Diagnosis {
  readonly classification: Classification;
  /** Probability that the cause is right, all known evidence taken. */
  readonly confidence: number;
  /** The entry that is the error itself, with the probability that it is this very one. */
  readonly match: Match | null;
  readonly root: Root | null;
  readonly wait: LockWait | null;
  /** Of a deadlock: everybody in it. */
  readonly cycle?: readonly DeadlockParty[];
  readonly evidence: readonly Evidence[];
}

export interface Root {
  readonly cause: string;
  readonly entry: PostgresContextEvent | PostgresErrorEvent;
  /** What else shows it: the kernel's word for a crash. */
  readonly because?: readonly Evidence[];
}

/** What a failure stands in: everything known of the window besides its own line and entry. */
export interface Scene {
  readonly identity: Identity;
  readonly incidents: readonly OpenedIncident[];
  readonly sessions: Sessions;
  /** Entries that ended sessions of denokv, in order of time: a second request may have met the same dead connection. */
  readonly endings: readonly EndedSession[];
  readonly notices: EndNotices;
  readonly hasPostgres: boolean;
  /** `log_lock_waits` is on: some session's wait stands in the log. */
  readonly logsLockWaits: boolean;
  /** denokv's log holds error lines: this build says why it fails, nearly always. */
  readonly logsErrors: boolean;
}

/** How sure the causes are that a text alone cannot prove; measured over the labelled captures (`npm run bench` prints the table). */
export const CONFIDENCE = {
  shutdownByIncident: 0.985,
  terminatedByAdministrator: 0.985,
  lostInIncident: 0.97,
  lostAfterTermination: 0.85,
  lostAlone: 0.93,
  lostWithoutServerLog: 0.6,
  silentInIncident: 0.8,
  silentWithoutEntry: 0.85,
} as const;

const INCIDENT_GRACE_US = 1_500_000;

/** The incident under which a failure falls, with the entry that opened it. */
export function incidentOf(claim: Claim, scene: Scene): OpenedIncident | null {
  if (claim.interval === null) return null;
  const { fromUs, toUs } = claim.interval;
  return incidentAt(
    scene.incidents,
    { fromUs, toUs, noticed: scene.notices.causeBefore(claim.event) },
    INCIDENT_GRACE_US,
  );
}

export function rootOf({ cause, entry, evidence }: OpenedIncident): Root {
  return { cause, entry, because: evidence };
}

/** The same classification under another row: what the incident shows outweighs what the words alone would say. */
export function named(id: string, classification: Classification): Classification {
  const row = causeById(id);
  return row === null ? classification : { ...classification, row };
}

export function unknownDiagnosis(claim: Claim): Diagnosis {
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
