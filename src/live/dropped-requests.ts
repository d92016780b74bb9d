import type { Dropped, Episode } from '../domain.ts';
import type { JoinedDropped } from '../store/dropped-table.ts';

interface Told {
  readonly sinceMs: number;
  readonly body: string;
  readonly isSettled: boolean;
  readonly episode: Episode | undefined;
}

/** Remembers what was told of the requests without an answer that are still in the window, so that each is stored when it is new, when it changes, and when it is final. */
export class DroppedRequests {
  readonly #settleMs: number;
  #told: ReadonlyMap<string, Told> = new Map();
  /** What is told once the round is stored. */
  #telling: ReadonlyMap<string, Told> = new Map();

  /** @param settleMs so long after it was first seen one may still change: its panic, or the start that ended the absence, comes later */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /** @param dropped all that the window shows @param nowMs wall clock @returns what is to be stored */
  take(dropped: readonly Dropped[], nowMs: number): readonly JoinedDropped[] {
    const before = this.#told;
    const telling = new Map<string, Told>();
    this.#telling = telling;
    return dropped.flatMap((one): JoinedDropped[] => {
      const known = before.get(one.id);
      if (known?.isSettled === true) {
        telling.set(one.id, known);
        return [];
      }
      const body = JSON.stringify(one);
      const sinceMs = known?.sinceMs ?? nowMs;
      const isSettled = nowMs - sinceMs >= this.#settleMs;
      telling.set(one.id, { sinceMs, body, isSettled, episode: one.episode });
      // A panic may only be ahead of its proxy's line, which will be what shows it: nothing is said of it before that is sure.
      const isTold = isSettled || (one.status !== null && known?.body !== body);
      return isTold ? [{ dropped: one, isSettled }] : [];
    });
  }

  /** To be told once what was taken last is stored; else it is taken again. */
  wereSaved(): void {
    this.#told = this.#telling;
  }

  /** One has waited long enough to be final. */
  isAnyDue(nowMs: number): boolean {
    return [...this.#told.values()].some(({ isSettled, sinceMs }) => !isSettled && nowMs - sinceMs >= this.#settleMs);
  }

  /** Of those that are final: rows of retries go on past them. */
  *episodes(): Generator<readonly [id: string, episode: Episode]> {
    for (const [id, { isSettled, episode }] of this.#told) if (isSettled && episode !== undefined) yield [id, episode];
  }
}
