import type { Dropped, DroppedCause, Verdict } from '../domain.ts';
import { formatClock, formatCount } from './format.ts';
import { groupByText } from './group-by-text.ts';

/** One row of retries: one request that a client sent again and again. */
interface Retries {
  readonly cause: string;
  readonly operation: string;
  readonly count: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
}

const MAX_SHOWN = 5;

/** What the failures are as requests: a client sends one that failed again until it succeeds. Longest rows first, one sentence each; none without retries. */
export function listRetries(verdicts: readonly Verdict[], zone: string): readonly string[] {
  const rows = [...groupByText(verdicts, ({ episode, id }) => episode?.id ?? id).values()]
    .filter((members) => members.length > 1)
    .map(retriesOf)
    .sort((one, other) => other.count - one.count);
  if (rows.length === 0) return [];
  const attempts = rows.reduce((sum, { count }) => sum + count, 0);
  const sum = `At least ${String(attempts)} of ${formatCount(verdicts.length, 'failure')} are attempts of ${formatCount(rows.length, 'request')} that a client sent again and again.`;
  const shown = rows.slice(0, MAX_SHOWN).map(({ cause, operation, count, firstAt, lastAt }) => {
    return `${operation} ${cause}: ${String(count)} attempts, ${formatClock(firstAt, zone)} to ${formatClock(lastAt, zone)}`;
  });
  const more = rows.length - shown.length;
  return [sum, ...shown, ...(more > 0 ? [`and ${String(more)} more`] : [])];
}

function retriesOf(members: readonly Verdict[]): Retries {
  const [first] = members;
  return {
    cause: first?.cause.id ?? '',
    operation: first?.operation ?? 'a request',
    count: members.length,
    firstAt: first?.at ?? null,
    lastAt: members.at(-1)?.at ?? null,
  };
}

const SAYS: Readonly<Record<DroppedCause, string>> = {
  panic: 'denokv panicked over',
  hang: 'denokv did not answer in time',
  unreachable: 'found no denokv listening for',
};

/** Requests without any answer, by what kept it from them and what they were about: one sentence each. They are no failures, and counted in none. */
export function listDropped(dropped: readonly Dropped[], zone: string): readonly string[] {
  const groups = groupByText(dropped, ({ cause, status }) => `${cause.id} ${cause.summary} ${String(status)}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { cause, status, root, symptom } = first;
    const requests = formatCount(members.length, 'request');
    const episodes = new Set(members.map(({ episode, id }) => episode?.id ?? id)).size;
    const retried = episodes < members.length ? `, retries of ${String(episodes)}` : '';
    const answer = status === null ? 'no proxy log tells what the client got' : `the proxy said ${String(status)}`;
    const times = `${formatClock(first.at, zone)} to ${formatClock(members.at(-1)?.at ?? null, zone)}`;
    const place = root ?? symptom;
    return [
      `${cause.id}: ${SAYS[cause.id]} ${requests}${retried} (${answer}), ${times}; ${cause.summary} (${place.file}:${String(place.line)})`,
    ];
  });
}
