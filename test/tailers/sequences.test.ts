import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bench } from './bench.ts';

type Act =
  | { readonly kind: 'write'; readonly lines: number }
  | { readonly kind: 'writePart' }
  | { readonly kind: 'rotate' }
  | { readonly kind: 'truncate' }
  | { readonly kind: 'look' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'restart' };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), lines: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'writePart' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'rotate' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'truncate' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'look' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** The writer's side of the model: numbered lines through one descriptor, as a logging program has it. */
class Writer {
  readonly written: string[] = [];
  readonly #bench: Bench;
  #descriptor: number;
  #rest = '';

  constructor(bench: Bench) {
    this.#bench = bench;
    this.#descriptor = openSync(bench.path(), 'a');
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
    this.#bench.rotate();
    // The line under way ends in the old file: a writer reopens between two lines.
    this.finish();
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#bench.path(), 'a');
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #begin(): void {
    this.finish();
    const line = `${String(this.written.length)} ${'é'.repeat(this.written.length % 37)}`;
    this.written.push(line);
    writeSync(this.#descriptor, line.slice(0, line.length / 2));
    this.#rest = `${line.slice(line.length / 2)}\n`;
  }
}

async function perform(step: Act, writer: Writer, bench: Bench): Promise<void> {
  switch (step.kind) {
    case 'write':
      writer.write(step.lines);
      return;
    case 'writePart':
      writer.writePart();
      return;
    case 'rotate':
      writer.rotate();
      return;
    case 'truncate':
      writer.finish();
      await bench.settle();
      truncateSync(bench.path());
      return;
    case 'look':
      await bench.look();
      bench.pass(1);
      return;
    case 'settle':
      await bench.settle();
      return;
    case 'restart':
      bench.restart();
      return;
  }
}

test('received = written, once, in order, through any sequence of writes, rotations, truncations and restarts', async () => {
  const property = fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async (steps) => {
    const bench = new Bench();
    const writer = new Writer(bench);
    try {
      await bench.settle();
      for (const step of steps) await perform(step, writer, bench);
      writer.finish();
      await bench.settle();
      expect(bench.ledger.lines).toEqual(writer.written);
      expect(bench.ledger.repeats).toBe(0);
      for (const gap of bench.ledger.gaps) expect(gap.bytesLost ?? 0).toBe(0);
    } finally {
      writer.close();
      bench.close();
    }
  });
  await fc.assert(property, { numRuns: 100 });
});
