import type { Dropped, DroppedCause, Verdict } from '../domain.ts';
import { formatClock, formatCount } from './format.ts';
import { groupByText } from './group-by-text.ts';

/** One row of retries: one request that a client sent again and again. */
interface Retries {
  readonly cause: string;
  readonly operation: string;
  count: number;
  readonly firstAt: string | null;
  lastAt: string | null;
}

const MAX_SHOWN = 5;
/** So many requests are watched for another attempt; of more those are let go that had none for long. */
const MAX_OPEN = 20_000;

/** What the failures are as requests: a client sends one that failed again until it succeeds. */
export class RetrySums {
  readonly #open = new Map<string, Retries>();
  #longest: Retries[] = [];
  #rows = 0;
  #attempts = 0;

  /** Failures in order of time. */
  add({ id, episode, cause, operation, at }: Verdict): void {
    const key = episode?.id ?? id;
    const known = this.#open.get(key);
    if (known === undefined) {
      this.#open.set(key, { cause: cause.id, operation: operation ?? 'a request', count: 1, firstAt: at, lastAt: at });
      if (this.#open.size > MAX_OPEN) this.#letGo(MAX_OPEN / 2);
      return;
    }
    known.count += 1;
    known.lastAt = at;
    // A row that goes on stays when others are let go.
    this.#open.delete(key);
    this.#open.set(key, known);
  }

  /** Longest rows first, one sentence each; none without retries. @param failures of how many these are the attempts */
  list(failures: number, zone: string): readonly string[] {
    this.#letGo(0);
    if (this.#rows === 0) return [];
    const sum = `At least ${String(this.#attempts)} of ${formatCount(failures, 'failure')} are attempts of ${formatCount(this.#rows, 'request')} that a client sent again and again.`;
    const shown = this.#longest.map(({ cause, operation, count, firstAt, lastAt }) => {
      return `${operation} ${cause}: ${String(count)} attempts, ${formatClock(firstAt, zone)} to ${formatClock(lastAt, zone)}`;
    });
    const more = this.#rows - shown.length;
    return [sum, ...shown, ...(more > 0 ? [`and ${String(more)} more`] : [])];
  }

  #letGo(left: number): void {
    for (const [key, row] of this.#open) {
      if (this.#open.size <= left) break;
      this.#open.delete(key);
      if (row.count === 1) continue;
      this.#rows += 1;
      this.#attempts += row.count;
      this.#longest.push(row);
    }
    this.#longest = this.#longest.sort(byLength).slice(0, MAX_SHOWN);
  }
}

function byLength(one: Retries, other: Retries): number {
  return other.count - one.count || ((one.firstAt ?? '') < (other.firstAt ?? '') ? -1 : 1);
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
