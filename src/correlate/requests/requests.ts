import type { DenokvNoteEvent, Operation, ProxyResponseEvent } from '../../domain.ts';
import { align, type Alignment } from '../matching/align.ts';
import type { Claim } from '../matching/claims.ts';
import { createDelayModel, type DelayModel } from '../timing/delay.ts';
import { groupBy } from '../group-by.ts';
import { intervalOf, type Interval } from '../timing/interval.ts';
import type { ProxyClock } from '../clock/proxy-clock.ts';
import { answerAlignment } from './answer-alignment.ts';
import type { ProxyFacts } from './behind-proxy.ts';
import { untangled } from './torn-writes.ts';
import type { Window } from '../window.ts';

/** A response that is known to have been a 500: by a proxy's log, or by denokv's own trace. */
export interface Response500 {
  readonly event: ProxyResponseEvent | DenokvNoteEvent;
  readonly operation: Operation | null;
  readonly interval: Interval | null;
  readonly rank: number;
  /** Another proxy's log has an answer with the same stamp: which of them came first is not known. */
  readonly isTied: boolean;
}

export interface RequestMatch {
  readonly response: Response500;
  readonly probability: number;
}

export interface Requests {
  readonly byClaim: ReadonlyMap<Claim, RequestMatch>;
  /** 500s that no line of denokv's tells of. */
  readonly unlogged: readonly Response500[];
}

/** denokv's HTTP library names the status of each response at trace level, over HTTP/1.1 only. */
const TRACED_500 = /^Server::encode status=500\b/;
/** denokv writes its line before it answers; the proxy stamps the end of the answer. */
const ANSWER_US = 10_000;
/** denokv's two lines of a failed write are torn apart by another thread's in under 1% of cases. */
const OPERATION_MISMATCH = 0.01;
const SURE = 0.9;
const LIKELIER_THAN_NOT = 0.5;

/** Every 500 that is known from somewhere else than denokv's error lines. A proxy's log is exact; the trace is asked only without one. */
export function responsesOf(
  window: Window,
  isProxied = window.proxy.some(({ status }) => status === 500),
): Response500[] {
  const proxied = window.proxy.filter(({ status }) => status === 500);
  const traced = window.denokv
    .filter((event) => event.kind === 'denokv_note')
    .filter(({ text }) => TRACED_500.test(text));
  const isTied = tiesOf(proxied);
  return (isProxied ? proxied : traced).map((event, rank) => {
    const operation = event.kind === 'proxy_response' && event.operation !== 'watch' ? event.operation : null;
    const interval = event.at === null ? null : intervalOf(event.at);
    return { event, operation, interval, rank, isTied: isTied(event) };
  });
}

function tiesOf(answers: readonly ProxyResponseEvent[]): (answer: Response500['event']) => boolean {
  const fileIds = new Map<number, number>();
  const tied = new Set<number>();
  for (const { at, citation } of answers) {
    if (at === null) continue;
    const fileId = fileIds.get(at.us);
    if (fileId === undefined) fileIds.set(at.us, citation.fileId);
    else if (fileId !== citation.fileId) tied.add(at.us);
  }
  return ({ at }) => at !== null && tied.has(at.us);
}

/** Gives each logged failure its request: one to one, in order of time, by operation where path and log tell it. */
export function matchRequests(
  all: readonly Claim[],
  asPrinted: readonly Response500[],
  { clock, bypassing }: ProxyFacts,
): Requests {
  const responses = onClockOf(asPrinted, clock);
  const failures = bypassing.size === 0 ? all : all.filter(({ event }) => !bypassing.has(event.citation.fileId));
  const delay = createDelayModel();
  const byClaim = new Map<Claim, RequestMatch>();
  const unlogged: Response500[] = [];
  // An operation that is not known on either side could be both: then order and time speak for all of them together.
  const isKnown = [...failures, ...responses].every(({ operation }) => operation !== null);
  const keyOf = ({ operation }: Claim | Response500): string => (isKnown ? String(operation) : '');
  const failuresByKey = groupBy(failures, keyOf);
  for (const [key, members] of groupBy(responses, keyOf)) {
    const own = failuresByKey.get(key) ?? [];
    const { pairs, columnShares } = alignClass(own, members, delay);
    for (const [row, claim] of own.entries()) {
      const best = pairs[row]?.[0];
      const response = members[best?.column ?? -1];
      if (best !== undefined && response !== undefined) byClaim.set(claim, { response, probability: best.probability });
    }
    unlogged.push(...members.filter((_, column) => (columnShares[column] ?? 0) < 0.5));
  }
  return { byClaim: untangled(failures, byClaim), unlogged: unlogged.sort((a, b) => a.rank - b.rank) };
}

/** By a clock that is in doubt they came anywhere about their time. */
function onClockOf(responses: readonly Response500[], { aheadUs, doubtUs }: ProxyClock): readonly Response500[] {
  if (aheadUs === 0) return responses;
  return responses.map(({ interval, ...response }) => ({
    ...response,
    interval:
      interval === null
        ? null
        : { fromUs: interval.fromUs - aheadUs - doubtUs, toUs: interval.toUs - aheadUs + doubtUs },
  }));
}

/**
 * What a failure's request tells of it: its operation, when it began, and that it happened just before the answer: finer than the second that env_logger
 * prints.
 */
export function refineByRequest(claim: Claim, match: RequestMatch | undefined): Claim {
  if (match === undefined || match.probability < LIKELIER_THAN_NOT) return claim;
  const { response, probability } = match;
  const interval = probability < SURE ? claim.interval : justBefore(response.interval, claim.interval);
  return {
    ...claim,
    interval,
    operation: response.operation ?? claim.operation,
    startedUs: startOf(response),
    isStartGuessed: response.isTied,
  };
}

function justBefore(answered: Interval | null, told: Interval | null): Interval | null {
  if (answered === null || told === null) return told;
  const fromUs = Math.max(told.fromUs, answered.fromUs - ANSWER_US);
  const toUs = Math.min(told.toUs, answered.toUs);
  return toUs <= fromUs ? told : { fromUs, toUs };
}

function startOf({ event }: Response500): number | null {
  if (event.kind !== 'proxy_response' || event.at === null || event.at.precision === 'second') return null;
  return event.durationMs === null ? null : event.at.us - event.durationMs * 1000;
}

function alignClass(claims: readonly Claim[], responses: readonly Response500[], delay: DelayModel): Alignment {
  const byTime = answerAlignment(claims, responses, delay);
  return align({
    ...byTime,
    pair: (row, column) => {
      const told = claims[row]?.operation ?? null;
      const asked = responses[column]?.operation ?? null;
      const isUnlike = told !== null && asked !== null && told !== asked;
      return byTime.pair(row, column) * (isUnlike ? OPERATION_MISMATCH : 1);
    },
  });
}
