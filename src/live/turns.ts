/** So long one piece of work keeps others waiting. */
const TURN_MS = 3;
/** Past this the oldest work is let go: it bounds the memory of a thread that gets no time, and is minutes behind then. */
const MAX_WAITING = 1000;

/** Works off what is told step by step, in turns between which other work is done. */
export class Turns {
  readonly #waiting: Iterator<void>[] = [];
  readonly #onTrouble: (error: unknown) => void;
  #next: NodeJS.Immediate | null = null;

  /** @param onTrouble told what a piece of work threw: what is left of it is let go */
  constructor(onTrouble: (error: unknown) => void) {
    this.#onTrouble = onTrouble;
  }

  add(work: Iterator<void>): void {
    this.#waiting.push(work);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#next ??= setImmediate(() => {
      this.#run();
    });
  }

  /** What waits is let go. Idempotent. */
  stop(): void {
    if (this.#next !== null) clearImmediate(this.#next);
    this.#next = null;
    this.#waiting.length = 0;
  }

  #run(): void {
    const untilMs = performance.now() + TURN_MS;
    for (let first = this.#waiting[0]; first !== undefined && performance.now() < untilMs; first = this.#waiting[0]) {
      if (this.#isDone(first)) this.#waiting.shift();
    }
    this.#next =
      this.#waiting.length === 0
        ? null
        : setImmediate(() => {
            this.#run();
          });
  }

  /** One step. What fails must not take the thread with it: the next round tells what was not told. */
  #isDone(work: Iterator<void>): boolean {
    try {
      return work.next().done === true;
    } catch (error) {
      this.#onTrouble(error);
      return true;
    }
  }
}
