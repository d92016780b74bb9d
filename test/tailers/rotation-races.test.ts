import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bench } from './bench.ts';
import { interposed } from './interposed-fs.ts';

/** Both may be set from outside: more runs for a long one, the seed to see a failure again. */
const RUNS = Number(process.env['WHYD_RACES'] ?? 30);
const SEED = Number(process.env['WHYD_RACES_SEED'] ?? 20_261_125);
const LINES = 40;

/** A kernel stamps what is made within one tick alike: then nobody can tell which came first. */
const TICK_MS = 5;

class Killed extends Error {}

type Rotation = (rotated: Rotated) => Generator<undefined, void>;

/** A writer and a rotator that may stop after each system call of theirs. */
class Rotated {
  readonly path: string;
  readonly written: string[] = [];
  isDone = false;
  readonly #odds: fc.GeneratorValue;
  readonly #moves: Generator<undefined, void>;
  #descriptor: number;

  constructor(bench: Bench, odds: fc.GeneratorValue, rotation: Rotation) {
    this.path = bench.path();
    this.#odds = odds;
    this.#descriptor = openSync(this.path, 'a');
    this.#moves = this.#steps(rotation);
  }

  move(count: number): void {
    for (let n = 0; n < count && !this.isDone; n += 1) this.isDone = this.#moves.next().done === true;
  }

  /** A line, sometimes in two pieces. */
  *write(): Generator<undefined, void> {
    const line = `${String(this.written.length)} ${'x'.repeat(this.#odds(fc.integer, { min: 0, max: 80 }))}`;
    const half = this.#odds(fc.boolean) ? line.length >> 1 : 0;
    if (half > 0) {
      writeSync(this.#descriptor, line.slice(0, half));
      yield;
    }
    writeSync(this.#descriptor, `${line.slice(half)}\n`);
    this.written.push(line);
    yield;
  }

  /** From now on the writer writes to what has the name. */
  reopen(): void {
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.path, 'a');
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Gives what was rotated before the next higher numbers. */
  *shift(): Generator<undefined, void> {
    const names = readdirSync(dirname(this.path)).filter((name) => name !== basename(this.path));
    const numbers = names.map((name) => Number(name.slice(basename(this.path).length + 1)));
    for (const one of numbers.sort((a, b) => b - a)) {
      renameSync(`${this.path}.${String(one)}`, `${this.path}.${String(one + 1)}`);
      yield;
    }
  }

  *#steps(rotation: Rotation): Generator<undefined, void> {
    while (this.written.length < LINES) {
      yield* this.write();
      if (this.#odds(fc.integer, { min: 0, max: 5 }) > 0) continue;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK_MS);
      yield* this.shift();
      yield* rotation(this);
    }
  }
}

/** `copytruncate`. */
function* copy({ path }: Rotated): Generator<undefined, void> {
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

/** The writer is told of it some lines later. */
function* rename(rotated: Rotated): Generator<undefined, void> {
  renameSync(rotated.path, `${rotated.path}.1`);
  yield;
  yield* rotated.write();
  writeFileSync(rotated.path, '');
  yield;
  yield* rotated.write();
  rotated.reopen();
  yield;
}

test.each([
  ['copied and truncated', 'x.log', copy],
  ['copied and truncated', 'x.log*', copy],
  ['renamed', 'x.log', rename],
  ['renamed', 'x.log*', rename],
] as const)(
  'a log that is %s between any two looks of a reader that is killed at any of them: %s',
  async (_how, pattern, rotation) => {
    const property = fc.asyncProperty(fc.gen(), fc.constantFrom(2, 8, 40), async (odds, pace) => {
      const bench = new Bench([pattern]);
      bench.create();
      const log = new Rotated(bench, odds, rotation);
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
        log.close();
        bench.close();
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  },
  20_000 + RUNS * 500,
);
