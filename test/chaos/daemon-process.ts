import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The tests of this folder run the built program; scripts/prepare.mjs builds it before any test. */
export const isBuilt = existsSync(COMMAND);

/** A real `whyd run` in a process of its own. */
export class DaemonProcess {
  readonly #child: ChildProcessByStdio<null, null, Readable>;
  readonly #exited: Promise<unknown>;
  #said = '';

  constructor(config: string) {
    this.#child = spawn(process.execPath, [COMMAND, 'run', '--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    this.#exited = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has said on stderr. */
  get said(): string {
    return this.#said;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Waits for what it says, or for its end. */
  async untilSaid(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#said) && this.#child.exitCode === null && this.#child.signalCode === null) {
      await Promise.race([once(this.#child.stderr, 'data'), this.#exited]);
    }
    if (!pattern.test(this.#said)) throw new Error(`the daemon ended, saying: ${this.#said}`);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }
}
