import type { Readable } from 'node:stream';
import type { SourceKind } from '../domain.ts';
import { Intake, inletStatus } from './inlet.ts';
import type { Inlet } from './inlet.ts';
import type { Trouble } from './io-trouble.ts';
import type { Spool } from './spool.ts';
import type { FileStatus } from './tail-handler.ts';

const ENDED: Trouble = {
  state: 'waiting',
  reason: 'standard input has ended',
  hint: 'what came is kept and answered for; start whyd again behind the program that writes the log',
};

/** Takes standard input into a spool. */
export class StdinInlet implements Inlet {
  readonly #kind: SourceKind;
  readonly #spool: Spool;
  readonly #input: Readable;
  readonly #intake: Intake;
  #hasStarted = false;
  #hasEnded = false;
  #isStopped = false;

  constructor(kind: SourceKind, spool: Spool, input: Readable, backlogBytes: () => number) {
    this.#kind = kind;
    this.#spool = spool;
    this.#input = input;
    this.#intake = new Intake({
      spools: [spool],
      backlogBytes,
      pause: () => input.pause(),
      resume: () => {
        if (this.#hasStarted && !this.#hasEnded) input.resume();
      },
    });
  }

  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#spool.mark();
    this.#input.on('data', this.#onData);
    // A pipe that breaks has ended as well.
    this.#input.once('end', this.#onEnd).once('error', this.#onEnd);
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const isDrained = !this.#hasStarted || this.#hasEnded || (await this.#intake.drain());
    this.#input.off('data', this.#onData);
    this.#input.pause();
    this.#intake.stop(isDrained);
  }

  status(): readonly FileStatus[] {
    const trouble = this.#intake.trouble ?? (this.#hasEnded ? ENDED : null);
    return [inletStatus(this.#kind, 'stdin', trouble, null)];
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#spool.append(bytes);
    this.#intake.take();
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#intake.take();
    this.#spool.unmark();
  };
}
