import type { TroubleTeller } from './trouble-teller.ts';

/** Something that is done again and again. */
export interface Chore {
  /** Until the next time; asked anew each time where it depends on what there is to do. */
  readonly intervalMs: number | (() => number);
  readonly work: () => void;
}

/** A chore that takes long is not run again at once: at most a quarter of the time goes into it. */
const REST_FACTOR = 3;

/** Runs `work` again and again, each time after a rest in proportion to how long it took; returns the releaser. */
export function every({ intervalMs, work }: Chore, teller: TroubleTeller): () => void {
  const nextMs = typeof intervalMs === 'number' ? () => intervalMs : intervalMs;
  let timer = setTimeout(run, nextMs());
  let stopped = false;
  function run(): void {
    const startedMs = performance.now();
    try {
      work();
      teller.succeeded();
    } catch (error) {
      // A full disk or a busy index passes; what was not written is still held and written then.
      teller.failed(error);
    }
    if (!stopped) timer = setTimeout(run, Math.max(nextMs(), (performance.now() - startedMs) * REST_FACTOR));
  }
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
