import { LATE_US, proxyClockOf, type ProxyClock } from '../clock/proxy-clock.ts';
import { groupBy } from '../group-by.ts';
import type { Interval, Timed } from '../timing/interval.ts';

/** A failure of one of denokv's logs. */
export interface ToldFailure {
  readonly fileId: number;
  readonly interval: Interval | null;
}

/** How a proxy's log stands to denokv's. */
export interface ProxyFacts {
  readonly clock: ProxyClock;
  /** Logs of denokvs that this proxy does not stand before: its 500s are none of theirs. */
  readonly bypassing: ReadonlySet<number>;
}

/** Fewer failures prove nothing. */
const MIN_FAILURES = 8;
/** A log whose failures have this share of answers is the proxy's; of another one that fails at the same time some meet an answer by chance. */
const ANSWERED_SHARE = 0.85;
/** An answer is logged so little before its failure by clocks that agree. */
const EARLY_US = 2000;

/**
 * Of several denokvs, those before which the proxy stands: one after the other, that with the most answered failures first, each by the answers that are left;
 * what is left to a denokv that is asked past the proxy is next to nothing. All of them where none can be told. Both in order of time.
 * @param together denokv's logs that were written at the same time
 */
export function proxyFactsOf(
  failures: readonly ToldFailure[],
  responses: readonly Timed[],
  together: ReadonlySet<number>,
): ProxyFacts {
  const all = { clock: proxyClockOf(failures, responses), bypassing: new Set<number>() };
  if (together.size < 2 || responses.length === 0) return all;
  const logs = [...groupBy(failures, ({ fileId }) => String(fileId)).values()]
    .filter((own) => own.length >= MIN_FAILURES && together.has(own[0]?.fileId ?? -1))
    .map((own) => {
      const clock = proxyClockOf(own, responses);
      return { own, clock, answered: answersOf(own, responses, clock).size };
    })
    .sort((a, b) => b.answered - a.answered);
  const first = logs.find(({ own, answered }) => answered >= own.length * ANSWERED_SHARE);
  if (first === undefined) return all;
  let left = responses;
  const bypassing = new Set<number>();
  for (const { own } of [first, ...logs.filter((log) => log !== first)]) {
    const answers = answersOf(own, left, first.clock);
    if (answers.size >= own.length * ANSWERED_SHARE) left = left.filter((response) => !answers.has(response));
    else bypassing.add(own[0]?.fileId ?? -1);
  }
  const proxied = failures.filter(({ fileId }) => !bypassing.has(fileId));
  return { clock: bypassing.size === 0 ? all.clock : proxyClockOf(proxied, responses), bypassing };
}

/** To each failure in turn the first answer that is left and may be its own. */
function answersOf(
  failures: readonly Timed[],
  responses: readonly Timed[],
  { aheadUs, doubtUs }: ProxyClock,
): Set<Timed> {
  const answers = new Set<Timed>();
  let next = 0;
  for (const { interval } of failures) {
    if (interval === null) continue;
    const isTooEarly = (answer: Interval): boolean => answer.toUs - aheadUs + doubtUs < interval.fromUs - EARLY_US;
    while (next < responses.length && isTooEarly(responses[next]?.interval ?? interval)) next++;
    const response = responses[next];
    if (response?.interval == null || response.interval.fromUs - aheadUs - doubtUs >= interval.toUs + LATE_US) continue;
    answers.add(response);
    next++;
  }
  return answers;
}
