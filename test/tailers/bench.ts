import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileStatus } from '../../src/tailers/tail-handler.ts';
import { FileRoster } from '../../src/tailers/file-roster.ts';
import { Ledger } from './ledger.ts';

const GRACE_MS = 10;

/** A temporary folder, a roster over it and a clock that the test moves: what happens between two looks is exactly what the test does. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'whyd-tailers-'));
  /** Of this bench alone, beside the logs. */
  readonly unpackFolder = `${this.folder}-unpacked`;
  readonly ledger = new Ledger();
  readonly #patterns: readonly string[];
  /** For the next roster. */
  sinceMs: number | null = null;
  readsHistory = false;
  roster: FileRoster;
  #nowMs = 0;
  looks = 0;

  constructor(patterns: readonly string[] = ['x.log']) {
    this.#patterns = patterns;
    this.roster = this.#newRoster();
  }

  path(name = 'x.log'): string {
    return join(this.folder, name);
  }

  append(text: string, name = 'x.log'): void {
    appendFileSync(this.path(name), text);
  }

  /** Renames x.log to x.log.1, x.log.1 to x.log.2, and so on, as logrotate does. */
  rotate(name = 'x.log'): void {
    this.#shift(name);
    if (existsSync(this.path(name))) renameSync(this.path(name), this.path(`${name}.1`));
  }

  /** The same by copying: for writers that cannot be told to reopen. */
  copyTruncate(name = 'x.log'): void {
    this.#shift(name);
    copyFileSync(this.path(name), this.path(`${name}.1`));
    truncateSync(this.path(name));
  }

  #shift(name: string): void {
    const numbers = readdirSync(this.folder).flatMap((one) => {
      const number = one.startsWith(`${name}.`) ? Number(one.slice(name.length + 1)) : 0;
      return number > 0 ? [number] : [];
    });
    for (const number of numbers.sort((a, b) => b - a)) {
      renameSync(this.path(`${name}.${String(number)}`), this.path(`${name}.${String(number + 1)}`));
    }
  }

  create(text = '', name = 'x.log'): void {
    writeFileSync(this.path(name), text);
  }

  /** One scan and one turn for each file. */
  async look(): Promise<number> {
    this.looks += 1;
    await this.roster.rescan(this.#nowMs);
    return this.turn();
  }

  turn(): number {
    return [...this.roster.turn(this.#nowMs)].reduce((sum, { delivered }) => sum + delivered, 0);
  }

  /** One turn for those that do not rest, none of them woken. */
  restfulTurn(isWatched: boolean, woken: readonly string[] = []): number {
    const attention = { awake: new Set(woken.map((name) => this.path(name))), isWatched: () => isWatched };
    return [...this.roster.turn(this.#nowMs, attention)].reduce((sum, { delivered }) => sum + delivered, 0);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /** Looks until nothing more comes, grace periods of a few successors included. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 4;) {
      const delivered = await this.look();
      this.pass(GRACE_MS);
      quiet = delivered > 0 ? 0 : quiet + 1;
    }
  }

  /** Ends as a killed process does, and comes back. */
  restart(): void {
    this.roster.close();
    this.ledger.restart();
    this.roster = this.#newRoster();
  }

  status(name = 'x.log'): FileStatus | undefined {
    return this.roster.status().find((one) => one.path === this.path(name));
  }

  close(): void {
    this.roster.close();
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.unpackFolder, { recursive: true, force: true });
  }

  #newRoster(): FileRoster {
    const roster = new FileRoster({
      sources: [{ kind: 'postgres', paths: this.#patterns.map((pattern) => this.path(pattern)) }],
      handler: this.ledger,
      checkpoints: this.ledger,
      timing: { graceMs: GRACE_MS, lingerMs: 1000 },
      turnBudgetBytes: 1024,
      sinceMs: this.sinceMs,
      readsHistory: this.readsHistory,
      unseenSinceMs: Number.POSITIVE_INFINITY,
      unpackFolder: this.unpackFolder,
    });
    this.ledger.takeCheckpoint = (fileId, safeOffset) => roster.checkpoint(fileId, safeOffset);
    return roster;
  }
}
