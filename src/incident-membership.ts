import type { Incident, Verdict } from './domain.ts';
import { parseRfc3339 } from './time/rfc3339.ts';

/** A client hears of an end a moment after it; a whole second may stand for its last microsecond. */
const GRACE_US = 1_000_000;

/** Causes of failures that wait for a lock. */
const WAITS: ReadonlySet<string> = new Set(['lock_timeout', 'statement_timeout', 'lock_not_available', 'deadlock']);
/** Incidents that an entry of the server's own opened; all others are spells of failures alike. */
const SERVER_CAUSES: ReadonlySet<string> = new Set(['server_crash', 'server_shutdown']);

export function isSpell({ cause }: Incident): boolean {
  return !SERVER_CAUSES.has(cause);
}

/** By failure id: the incident that explains it. What the server itself went through goes before a spell, a spell of its own cause before a queue. */
export function incidentsByFailure(
  verdicts: readonly Verdict[],
  incidents: readonly Incident[],
): ReadonlyMap<string, string> {
  const byFailure = new Map<string, string>();
  if (incidents.length === 0) return byFailure;
  for (const verdict of verdicts) {
    const incident =
      incidents.find((one) => isOpenedBy(one, verdict)) ?? incidents.find((one) => isWithin(one, verdict));
    if (incident !== undefined) byFailure.set(verdict.id, incident.id);
  }
  return byFailure;
}

function isOpenedBy(incident: Incident, { root }: Verdict): boolean {
  return !isSpell(incident) && root?.file === incident.opening.file && root.line === incident.opening.line;
}

function isWithin(incident: Incident, { at, cause, root }: Verdict): boolean {
  if (!isSpell(incident) || at === null) return false;
  const isKind = incident.cause === 'lock_pile_up' ? root !== null && WAITS.has(cause.id) : incident.cause === cause.id;
  const us = parseRfc3339(at)?.us;
  if (!isKind || us === undefined) return false;
  return us >= incident.startUs - GRACE_US && (incident.endUs === null || us <= incident.endUs + GRACE_US);
}
