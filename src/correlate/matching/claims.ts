import type {
  DenokvErrorBody,
  DenokvErrorEvent,
  DenokvEvent,
  DenokvNoteEvent,
  Operation,
  PostgresErrorEvent,
  ProxyResponseEvent,
} from '../../domain.ts';
import { assertNever } from '../../errors.ts';
import { intervalOf, type Interval } from '../timing/interval.ts';
import type { Window } from '../window.ts';

/** What a claim knows of its error: denokv's words, or that denokv said nothing of a 500 that is known otherwise. */
export type ClaimBody = DenokvErrorBody | { readonly kind: 'silent' };

/**
 * Something that one Postgres entry may have caused. Failures are what whyd explains; a pool's warning about an idle connection and a background
 * task's error claim their entries too, so that no failure is given what was theirs.
 */
export interface Claim {
  /** The line that shows it: denokv's, or for a 500 that denokv did not log the proxy's, its trace line, or the Postgres entry itself. */
  readonly event: DenokvErrorEvent | DenokvNoteEvent | ProxyResponseEvent | PostgresErrorEvent;
  readonly role: 'failure' | 'connection' | 'background';
  readonly body: ClaimBody;
  readonly connecting: boolean;
  readonly operation: Operation | null;
  readonly interval: Interval | null;
  /** When its request began by the proxy's clock; null where no proxy tells. */
  readonly startedUs: number | null;
  /** It may be another request's that was answered in the same moment through another proxy. */
  readonly isStartGuessed?: boolean;
  /** Place among all events of its log. */
  readonly rank: number;
}

/** Claims in the order in which denokv wrote them. */
export function claimsOf({ denokv }: Window): Claim[] {
  const intervals = intervalsOf(denokv);
  return denokv.flatMap((event, rank): Claim[] => {
    const interval = intervals[rank] ?? null;
    if (event.kind === 'denokv_error') {
      const { body, connecting, operation } = event;
      return [{ event, role: 'failure', body, connecting, operation, interval, startedUs: null, rank }];
    }
    if (event.body === null) return [];
    const role = event.topic === 'background_error' ? 'background' : 'connection';
    const connecting = event.text.includes('creating a new object');
    return [{ event, role, body: event.body, connecting, operation: null, interval, startedUs: null, rank }];
  });
}

/** A line without a stamp (background tasks print none) was written between its neighbours' times, as far as those are known. */
function intervalsOf(events: readonly DenokvEvent[]): (Interval | null)[] {
  const stamped = events.map(({ at }) => (at === null ? null : intervalOf(at)));
  let next: Interval | null = stamped.findLast((interval) => interval !== null) ?? null;
  const untils = stamped
    .toReversed()
    .map((interval) => (next = interval ?? next))
    .toReversed();
  let last: Interval | null = null;
  return stamped.map((interval, at) => {
    last = interval ?? last;
    const until = untils[at] ?? null;
    return interval ?? (last === null || until === null ? null : { fromUs: last.fromUs, toUs: until.toUs });
  });
}

/** File and line, for people. */
export function placeOfClaim({ event: { citation } }: Claim): string {
  return `${citation.file}:${String(citation.line)}`;
}

/** What the line of a claim says, without its time and place. */
export function textOfClaim({ event }: Claim): string {
  switch (event.kind) {
    case 'denokv_error':
      return `Database error: ${event.text}`;
    case 'denokv_note':
      return event.text;
    case 'proxy_response':
      return `${event.method ?? '-'} ${event.path ?? '-'} ${String(event.status)}`;
    case 'postgres_error':
      return `${event.severity}:  ${event.message}`;
    default:
      return assertNever(event);
  }
}
