import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf } from './process-costs.mjs';

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const MAX_SAID_CHARS = 4000;

/** The real daemon in a process of its own. */
export class Daemon {
  constructor(folder, sources) {
    this.folder = folder;
    const config = join(folder, 'whyd.yaml');
    const lines = sources.map(({ kind, path }) => `  - { kind: ${kind}, path: ${JSON.stringify(path)} }`);
    writeFileSync(
      config,
      `since: all\nindex: { path: ${join(folder, 'whyd.db')} }\napi: { listen: 127.0.0.1:0 }\nsources:\n${lines.join('\n')}\n`,
    );
    this.startedMs = performance.now();
    this.child = spawn(process.execPath, [COMMAND, 'run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  async ready() {
    await new Promise((resolve, reject) => {
      this.child.once('exit', (code, signal) => reject(this.#died(code ?? signal)));
      this.child.stderr.setEncoding('utf8').on('data', (text) => {
        this.said = `${this.said ?? ''}${text}`.slice(-MAX_SAID_CHARS);
        this.url ??= /listening on (http:\S+?)[,\s]/.exec(this.said)?.[1];
        if (this.url !== undefined) resolve();
      });
    });
    this.token = readFileSync(join(this.folder, 'token'), 'utf8').trim();
    return this;
  }

  async get(path) {
    const { exitCode, signalCode } = this.child;
    if ((exitCode ?? signalCode) !== null) throw this.#died(exitCode ?? signalCode);
    const response = await fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }

  #died(how) {
    return new Error(`the daemon ended (${how}), saying: ${this.said ?? ''}`);
  }

  async sources() {
    const answer = await this.get('/v1/sources');
    return answer.items ?? answer.sources ?? answer;
  }

  cpuSeconds() {
    return cpuSecondsOf(this.child.pid);
  }

  rssMiB() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) / 1024;
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
