import type { DenokvErrorBody, DenokvErrorEvent, DenokvNoteEvent, Operation } from '../domain.ts';
import { byTime } from './order.ts';
import { intervalOf, type Interval } from './interval.ts';
import type { Window } from './window.ts';

/**
 * Something in denokv's log that one Postgres entry may have caused. Failures are what whyd explains; a pool's warning about an idle connection and a
 * background task's error claim their entries too, so that no failure is given what was theirs.
 */
export interface Claim {
  readonly event: DenokvErrorEvent | DenokvNoteEvent;
  readonly role: 'failure' | 'connection' | 'background';
  readonly body: DenokvErrorBody;
  readonly connecting: boolean;
  readonly operation: Operation | null;
  readonly interval: Interval | null;
  /** Place among all events of denokv's log. */
  readonly rank: number;
}

/** Claims in the order in which denokv wrote them. */
export function claimsOf(window: Window): Claim[] {
  return [...window.denokv].sort(byTime).flatMap((event, rank): Claim[] => {
    const interval = event.at === null ? null : intervalOf(event.at);
    if (event.kind === 'denokv_error') {
      return [
        {
          event,
          role: 'failure',
          body: event.body,
          connecting: event.connecting,
          operation: event.operation,
          interval,
          rank,
        },
      ];
    }
    if (event.body === null) return [];
    // A note carries the time of the line before it, so it may be later than that.
    const role = event.topic === 'background_error' ? 'background' : 'connection';
    return [
      {
        event,
        role,
        body: event.body,
        connecting: event.text.includes('creating a new object'),
        operation: null,
        interval,
        rank,
      },
    ];
  });
}

/** A claim that is a 500: the only kind that gets a verdict. */
export type FailureClaim = Claim & { readonly role: 'failure'; readonly event: DenokvErrorEvent };

export function isFailure(claim: Claim): claim is FailureClaim {
  return claim.role === 'failure' && claim.event.kind === 'denokv_error';
}
