import { EXIT, WhydError } from '../errors.ts';

/** All that is wrong with a configuration, so that one run tells it all: who mends one line a restart needs many restarts. */
export class Complaints {
  readonly #all: WhydError[] = [];

  get count(): number {
    return this.#all.length;
  }

  add(complaint: WhydError): void {
    this.#all.push(complaint);
  }

  /** What `read` gives; `fallback` where it complains, and the reading goes on. */
  attempt<T, Fallback>(read: () => T, fallback: Fallback): T | Fallback {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof WhydError) || error.exitCode !== EXIT.badConfiguration) throw error;
      this.add(error);
      return fallback;
    }
  }

  /** Throws the first complaint, with the others beside it: those of the file in the order of its lines, then the rest. */
  raise(file: string | null): void {
    const lineOf = ({ message }: WhydError): number =>
      file !== null && message.startsWith(`${file}:`) ? Number.parseInt(message.slice(file.length + 1), 10) : Infinity;
    const sorted = this.#all
      .map((complaint) => ({ complaint, line: lineOf(complaint) }))
      .sort((one, other) => (one.line === other.line ? 0 : one.line - other.line))
      .map(({ complaint }) => complaint);
    const [first, ...also] = sorted;
    if (first === undefined) return;
    throw new WhydError(first.code, first.message, {
      exitCode: first.exitCode,
      cause: first.cause,
      also,
      ...(first.hint === null ? {} : { hint: first.hint }),
    });
  }
}
