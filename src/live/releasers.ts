type Release = () => Promise<void> | void;

/** What is open and how each of it is closed, in the reverse order. */
export class Releasers {
  readonly #releases: Release[] = [];
  #closing: Promise<void> | null = null;

  add(release: Release): void {
    this.#releases.push(release);
  }

  /** All of it, whatever fails on the way. Idempotent: who comes later waits for the first. @throws what failed first */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const release of this.#releases.toReversed()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
