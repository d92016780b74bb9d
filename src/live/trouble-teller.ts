import { WhydError } from '../errors.ts';

/** Says each trouble once, however often it comes back, and says when it is over. */
export class TroubleTeller {
  readonly #say: (message: string) => void;
  #current: string | null = null;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  failed(error: unknown): void {
    const message = describe(error);
    if (message === this.#current) return;
    this.#current = message;
    this.#say(`trying again: ${message}`);
  }

  succeeded(): void {
    if (this.#current === null) return;
    this.#current = null;
    this.#say('working again');
  }
}

function describe(error: unknown): string {
  if (error instanceof WhydError && error.hint !== null) return `${error.message} (${error.hint})`;
  return error instanceof Error ? error.message : String(error);
}
