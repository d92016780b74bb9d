import type { DenokvNoteEvent, Operation, ProxyResponseEvent } from '../domain.ts';
import { align } from './align.ts';
import { bandByTime } from './band.ts';
import type { Claim } from './claims.ts';
import { createDelayModel, widthOf, type DelayModel } from './delay.ts';
import { groupBy } from './group-by.ts';
import { intervalOf, type Interval } from './interval.ts';
import { byTime } from './order.ts';
import type { Window } from './window.ts';

/** A response that is known to have been a 500: by a proxy's log, or by denokv's own trace. */
export interface Response500 {
  readonly event: ProxyResponseEvent | DenokvNoteEvent;
  readonly operation: Operation | null;
  readonly interval: Interval | null;
  readonly rank: number;
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
/** A 500 that denokv logged nearly always passes the proxy; one that it did not log is rare, and so many a second. */
const BYPASSES_PROXY = 0.01;
const UNLOGGED_PER_SECOND = 0.01;
/** denokv writes its line before it answers; the proxy stamps the end of the answer. */
const ANSWER_US = 10_000;
const SURE = 0.9;
const ANSWER_REACH_US = 3_000_000;

/** Every 500 that is known from somewhere else than denokv's error lines. A proxy's log is exact; the trace is asked only without one. */
export function responsesOf(window: Window): Response500[] {
  const proxied = window.proxy.filter(({ status }) => status === 500);
  const events =
    proxied.length > 0
      ? proxied
      : window.denokv.filter((event) => event.kind === 'denokv_note' && TRACED_500.test(event.text));
  return [...events].sort(byTime).flatMap((event, rank): Response500[] => {
    if (event.kind === 'denokv_error') return [];
    const operation = event.kind === 'proxy_response' && event.operation !== 'watch' ? event.operation : null;
    return [{ event, operation, interval: event.at === null ? null : intervalOf(event.at), rank }];
  });
}

/** Gives each logged failure its request: one to one, in order of time, by operation where the path tells it. */
export function matchRequests(failures: readonly Claim[], responses: readonly Response500[]): Requests {
  const delay = createDelayModel();
  const byClaim = new Map<Claim, RequestMatch>();
  const taken = new Map<Response500, number>();
  const classes = responses.every(({ operation }) => operation !== null)
    ? groupBy(responses, ({ operation }) => String(operation))
    : new Map([['', responses]]);
  for (const [operation, members] of classes) {
    const own = operation === '' ? failures : failures.filter((claim) => String(claim.operation) === operation);
    for (const [row, pairs] of alignClass(own, members, delay).entries()) {
      const claim = own[row];
      for (const { column, probability } of pairs) {
        const response = members[column];
        if (claim === undefined || response === undefined) continue;
        taken.set(response, (taken.get(response) ?? 0) + probability);
        if (!byClaim.has(claim)) byClaim.set(claim, { response, probability });
      }
    }
  }
  return { byClaim, unlogged: responses.filter((response) => (taken.get(response) ?? 0) < 0.5) };
}

/** A failure whose request is known happened just before the answer: finer than the second that env_logger prints. */
export function refineByRequest(claim: Claim, match: RequestMatch | undefined): Claim {
  const answered = match?.response.interval;
  if (match === undefined || match.probability < SURE || answered == null || claim.interval === null) return claim;
  const fromUs = Math.max(claim.interval.fromUs, answered.fromUs - ANSWER_US);
  const toUs = Math.min(claim.interval.toUs, answered.toUs);
  return toUs <= fromUs ? claim : { ...claim, interval: { fromUs, toUs } };
}

function alignClass(
  claims: readonly Claim[],
  responses: readonly Response500[],
  delay: DelayModel,
): ReturnType<typeof align> {
  return align({
    rows: claims.length,
    columns: responses.length,
    pair: (row, column) => {
      const logged = claims[row]?.interval;
      const answered = responses[column]?.interval;
      return logged == null || answered == null ? 0.5 : delay(logged, answered);
    },
    skipRow: () => BYPASSES_PROXY,
    skipColumn: (column) => {
      const answered = responses[column]?.interval;
      return answered == null ? UNLOGGED_PER_SECOND : (UNLOGGED_PER_SECOND * widthOf(answered)) / 1_000_000;
    },
    band: bandByTime(claims, responses, { before: ANSWER_REACH_US, after: ANSWER_REACH_US }),
  });
}
