import type { Verdict } from '../domain.ts';
import type { Claim } from './claims.ts';
import type { Judged } from './condition-incidents.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { DroppedRequest } from './dropped.ts';
import type { Attempt } from './episodes.ts';
import type { Interval } from './interval.ts';
import type { RequestMatch } from './requests.ts';

/** Below this a line or a request is not sure enough to say when the failure was, or whose. */
const SURE = 0.9;

/** A DETAIL that names the row: its key, or the key and the value of the row that was refused. */
const SUBJECTS: readonly RegExp[] = [
  /^Key \([^)]{1,200}\)=\(.{1,400}?\)(?= )/,
  /^Failing row contains \([^,]{1,400}, [^,]{1,400},/,
];

/** What tells a failure's request from others. */
export function attemptOf({ claim, diagnosis }: Judged, verdict: Verdict | undefined, request?: RequestMatch): Attempt {
  const sure = request !== undefined && request.probability >= SURE ? request.response.event : null;
  const response = sure?.kind === 'proxy_response' ? sure : null;
  const subject = subjectOf(claim, diagnosis);
  const { symptom, operation, cause } = verdict ?? NOBODY;
  const words = symptom.text.split('\n', 1)[0] ?? '';
  return {
    id: verdict?.id ?? '',
    key: JSON.stringify([operation, cause.id, words, response?.client ?? null, subject]),
    isTelling: subject !== null,
    interval: finest(claim.interval, diagnosis),
    durationUs: response?.durationMs == null ? null : response.durationMs * 1000,
    waited: diagnosis.classification.row.category === 'timeout',
  };
}

export function attemptOfDropped({ dropped, interval }: DroppedRequest): Attempt {
  const { id, operation, cause, root, client, durationMs } = dropped;
  // A refusal has no words of its own; a panic has.
  const words = cause.id === 'panic' ? cause.summary : (root?.cause ?? '');
  return {
    id,
    key: JSON.stringify(['dropped', operation, cause.id, words, client]),
    isTelling: false,
    interval,
    durationUs: durationMs === null ? null : durationMs * 1000,
    waited: false,
  };
}

const NOBODY = { symptom: { text: '' }, operation: null, cause: { id: '' } } as const;

function subjectOf({ body }: Claim, { match }: Diagnosis): string | null {
  const told = body.kind === 'server' ? body.error.detail : null;
  const logged = match !== null && match.probability >= SURE ? match.candidate.entry.detail : null;
  const detail = told ?? logged ?? '';
  return SUBJECTS.map((pattern) => pattern.exec(detail)?.[0]).find((subject) => subject !== undefined) ?? null;
}

/** The entry's time where it is surely this failure's and its log has the finer clock: denokv tells of it about a millisecond later. */
function finest(own: Interval | null, { match }: Diagnosis): Interval | null {
  const entry = match !== null && match.probability >= SURE ? match.candidate.interval : null;
  if (own === null || entry === null) return own ?? entry;
  return entry.toUs - entry.fromUs < own.toUs - own.fromUs ? entry : own;
}
