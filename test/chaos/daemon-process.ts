import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The tests of this folder run the built program; scripts/prepare.mjs builds it before any test. */
export const isBuilt = existsSync(COMMAND);

/** A real `whyd run` in a process of its own. */
export class DaemonProcess {
  readonly #child: ChildProcess;
  readonly #stderr: Readable;
  readonly #exited: Promise<unknown>;
  #said = '';

  /** @param stdin what its standard input is: nothing, or a pipe */
  constructor(config: string, stdin: 'ignore' | 'pipe' = 'ignore') {
    this.#child = spawn(process.execPath, [COMMAND, 'run', '--config', config], { stdio: [stdin, 'ignore', 'pipe'] });
    if (this.#child.stderr === null) throw new Error('the daemon has no stderr');
    this.#stderr = this.#child.stderr;
    this.#stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    this.#exited = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdin(): Writable {
    if (this.#child.stdin === null) throw new Error('the daemon was given no pipe');
    return this.#child.stdin;
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
      await Promise.race([once(this.#stderr, 'data'), this.#exited]);
    }
    if (!pattern.test(this.#said)) throw new Error(`the daemon ended, saying: ${this.#said}`);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    await this.#exited;
  }
}
