/**
 * How late the event loop runs what is due: seen by a timer, once a second. @fastify/under-pressure asks the loop 100 times a second, which was 0.7% of
 * a core for an API that nobody asked anything.
 */
export class LoopDelay {
  readonly #timer: NodeJS.Timeout;
  #dueMs: number;
  #lateMs = 0;
  #lateBeforeMs = 0;

  constructor(sampleMs = 1000) {
    this.#dueMs = performance.now() + sampleMs;
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#lateBeforeMs = this.#lateMs;
      this.#lateMs = Math.max(0, nowMs - this.#dueMs);
      this.#dueMs = nowMs + sampleMs;
    }, sampleMs).unref();
  }

  /** What two samples in a row were late at least: one long stretch of work that is over now is no reason to turn anybody away. */
  get lastingMs(): number {
    return Math.min(this.#lateMs, this.#lateBeforeMs);
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
