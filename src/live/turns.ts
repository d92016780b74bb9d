/** So long one piece of work keeps others waiting. */
const TURN_MS = 3;
/** Past this the oldest work is let go: it bounds the memory of a thread that gets no time, and is minutes behind then. */
const MAX_WAITING = 1000;

/** Works off what is told step by step, in turns between which other work is done. */
export class Turns {
  readonly #waiting: Iterator<void>[] = [];
  #next: NodeJS.Immediate | null = null;

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
      if (first.next().done === true) this.#waiting.shift();
    }
    this.#next =
      this.#waiting.length === 0
        ? null
        : setImmediate(() => {
            this.#run();
          });
  }
}
