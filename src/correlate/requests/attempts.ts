import type { Claim } from '../matching/claims.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { DroppedRequest } from './dropped.ts';
import type { Attempt } from './episodes.ts';
import type { Interval } from '../timing/interval.ts';
import type { RequestMatch } from './requests.ts';
import type { JudgedFailure } from '../verdict.ts';

/** Below this a line or a request is not sure enough to say when the failure was, or whose. */
const SURE = 0.9;

/** A DETAIL that names the row: its key, or the key and the value of the row that was refused. */
const SUBJECTS: readonly RegExp[] = [
  /^Key \([^)]{1,200}\)=\(.{1,400}?\)(?= )/,
  /^Failing row contains \([^,]{1,400}, [^,]{1,400},/,
];

/** What tells a failure's request from others. */
export function attemptOf({ id, claim, diagnosis, text, operation }: JudgedFailure, request?: RequestMatch): Attempt {
  const sure = request !== undefined && request.probability >= SURE ? request.response.event : null;
  const response = sure?.kind === 'proxy_response' ? sure : null;
  const subject = subjectOf(claim, diagnosis);
  const end = text.indexOf('\n');
  const words = end < 0 ? text : text.slice(0, end);
  return {
    id,
    key: [operation, diagnosis.classification.row.id, words, response?.client, subject].join('\0'),
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
    key: ['dropped', operation, cause.id, words, client].join('\0'),
    isTelling: false,
    interval,
    durationUs: durationMs === null ? null : durationMs * 1000,
    waited: false,
  };
}

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
