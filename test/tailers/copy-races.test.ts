import { appendFileSync, readFileSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bench } from './bench.ts';
import { interposed } from './interposed-fs.ts';

/** Both may be set from outside: more runs for a long one, the seed to see a failure again. */
const RUNS = Number(process.env['WHYD_RACES'] ?? 60);
const SEED = Number(process.env['WHYD_RACES_SEED'] ?? 20_261_125);
const LINES = 40;

/** A kernel stamps what is made within one tick alike: then nobody can tell which came first. */
const TICK_MS = 5;

class Killed extends Error {}

/** A writer and a `copytruncate` rotator that may stop after each system call of theirs. */
class Rotated {
  readonly written: string[] = [];
  isDone = false;
  readonly #moves: Generator<undefined, void>;

  constructor(bench: Bench, odds: fc.GeneratorValue) {
    this.#moves = this.#steps(bench, odds);
  }

  move(count: number): void {
    for (let n = 0; n < count && !this.isDone; n += 1) this.isDone = this.#moves.next().done === true;
  }

  *#steps(bench: Bench, odds: fc.GeneratorValue): Generator<undefined, void> {
    const path = bench.path();
    for (let number = 0; number < LINES; number += 1) {
      const line = `${String(number)} ${'x'.repeat(odds(fc.integer, { min: 0, max: 80 }))}`;
      const half = odds(fc.boolean) ? line.length >> 1 : 0;
      if (half > 0) {
        appendFileSync(path, line.slice(0, half));
        yield;
      }
      appendFileSync(path, `${line.slice(half)}\n`);
      this.written.push(line);
      yield;
      if (odds(fc.integer, { min: 0, max: 5 }) > 0) continue;
      const numbers = readdirSync(bench.folder).flatMap((name) => (name === 'x.log' ? [] : [Number(name.slice(6))]));
      for (const one of numbers.sort((a, b) => b - a)) {
        renameSync(`${path}.${String(one)}`, `${path}.${String(one + 1)}`);
        yield;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK_MS);
      const bytes = readFileSync(path);
      writeFileSync(`${path}.1`, '');
      yield;
      appendFileSync(`${path}.1`, bytes.subarray(0, bytes.length >> 1));
      yield;
      appendFileSync(`${path}.1`, bytes.subarray(bytes.length >> 1));
      yield;
      truncateSync(path);
      yield;
    }
  }
}

test.each([['x.log'], ['x.log*']])(
  'a rotator that copies and truncates between any two looks of a reader that is killed at any of them: %s',
  async (pattern) => {
    const property = fc.asyncProperty(fc.gen(), fc.constantFrom(2, 8, 40), async (odds, pace) => {
      const bench = new Bench([pattern]);
      bench.create();
      const log = new Rotated(bench, odds);
      try {
        await bench.settle();
        while (!log.isDone) {
          let livesFor = odds(fc.integer, { min: 1, max: 400 });
          const before = (): void => {
            if (livesFor === 0) bench.ledger.refuse = new Killed();
            if (bench.ledger.refuse !== null) throw bench.ledger.refuse;
            livesFor -= 1;
            if (odds(fc.integer, { min: 1, max: pace }) === 1) log.move(odds(fc.integer, { min: 1, max: 20 }));
          };
          await interposed(before, async () => {
            while (livesFor > 0 && !log.isDone) await bench.look();
          });
          bench.ledger.refuse = null;
          bench.restart();
          log.move(odds(fc.integer, { min: 0, max: 10 }));
        }
        await bench.settle();
        expect([...bench.ledger.lines].sort()).toEqual([...log.written].sort());
        expect(bench.ledger.repeats).toBe(0);
        expect(bench.ledger.gaps.filter(({ bytesLost }) => bytesLost !== 0)).toEqual([]);
      } finally {
        bench.close();
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  },
  20_000 + RUNS * 500,
);
