import { closeSync, openSync, statSync, truncateSync, unlinkSync, writeSync } from 'node:fs';
import type { Bench } from './bench.ts';

/** The writer's side of the model: numbered lines through one descriptor, as a logging program has it. */
export class NumberedWriter {
  readonly written: string[] = [];
  /** Lines that may have been destroyed before anyone could read them. */
  readonly perishable = new Set<string>();
  /** Those of them whose loss leaves no trace either. */
  readonly unseen = new Set<string>();
  /** Something was done that may destroy what was not read. */
  wasRough = false;
  readonly #bench: Bench;
  readonly #name: string;
  #descriptor: number;
  #rest = '';
  /** Lines of the file that the descriptor holds. */
  #inFile: string[] = [];
  #copied: string[] = [];
  /** Nobody has looked at the file since it was made, or emptied without a copy: what a copy holds of it then belongs to no known file. */
  #looksAtStart = 0;
  #isNamed = true;

  constructor(bench: Bench, name: string) {
    this.#bench = bench;
    this.#name = name;
    this.#descriptor = openSync(bench.path(name), 'a');
  }

  write(lines: number): void {
    for (let count = 0; count < lines; count += 1) this.#begin();
    this.finish();
  }

  writePart(): void {
    this.#begin();
  }

  finish(): void {
    writeSync(this.#descriptor, this.#rest);
    this.#rest = '';
  }

  rotate(): void {
    if (this.#isNamed) this.#bench.rotate(this.#name);
    this.#isNamed = false;
    this.reopen();
  }

  /** Loses nothing: what was not read stands in the copy. */
  copyTruncate(): void {
    if (!this.#isNamed) return;
    this.finish();
    this.#bench.copyTruncate(this.#name);
    if (this.#bench.looks === this.#looksAtStart || this.#isAgeless()) this.#endanger();
    this.#copied.push(...this.#inFile);
    this.#inFile = [];
  }

  /** Without a copy: what is not read by now is gone. */
  truncate(): void {
    if (!this.#isNamed) return;
    this.finish();
    this.#endanger();
    this.#looksAtStart = this.#bench.looks;
    this.#inFile = [];
    truncateSync(this.#bench.path(this.#name));
  }

  /** The descriptor keeps the file alive, for as long as it and a reader's do. */
  delete(): void {
    if (!this.#isNamed) return;
    this.#endanger();
    // Which file a copy was taken of is known by that file.
    for (const line of this.#copied) this.perishable.add(line);
    unlinkSync(this.#bench.path(this.#name));
    this.#isNamed = false;
  }

  /** The line under way ends in the old file: a writer reopens between two lines. */
  reopen(): void {
    this.finish();
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#bench.path(this.#name), 'a');
    if (!this.#isNamed) {
      this.#inFile = [];
      this.#looksAtStart = this.#bench.looks;
    }
    this.#isNamed = true;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** The kernel's clock ticks every few milliseconds: a copy made in the tick of its original cannot be told from an older one. */
  #isAgeless(): boolean {
    const [copy, original] = [`${this.#name}.1`, this.#name].map((name) =>
      statSync(this.#bench.path(name), { bigint: true }),
    );
    return copy?.birthtimeNs === original?.birthtimeNs;
  }

  #endanger(): void {
    this.wasRough = true;
    const received = this.#bench.ledger.lines;
    // A file that came and went, or was filled and emptied, between two looks shows nothing of it.
    const wasSeen = this.#inFile.some((line) => received.includes(line));
    for (const line of this.#inFile) {
      this.perishable.add(line);
      // And of what is written to a file without a name only a reader that has it open ever knows.
      if (!wasSeen || !this.#isNamed) this.unseen.add(line);
    }
  }

  #begin(): void {
    this.finish();
    // The number first: two files whose first bytes are equal cannot be told apart by them.
    const line = `${String(this.written.length)} ${this.#name} ${'é'.repeat(this.written.length % 37)}`;
    this.written.push(line);
    this.#inFile.push(line);
    if (!this.#isNamed) this.#endanger();
    writeSync(this.#descriptor, line.slice(0, line.length / 2));
    this.#rest = `${line.slice(line.length / 2)}\n`;
  }
}
