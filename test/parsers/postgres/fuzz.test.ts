import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { retainedBytes } from '../../retained-bytes.ts';
import { parseText } from './parse-text.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/logs/three-forms');
const CAPTURES = ['edge.log', 'edge.csv', 'edge.json', 'failures.log', 'failures.csv', 'failures.json'].map((name) =>
  readFileSync(join(FOLDER, name)),
);

/** More of it: WHYD_FUZZ_BYTES=10000000 npm test -- fuzz. A failure names its seed: WHYD_FUZZ_SEED repeats it. */
const TOTAL_BYTES = Number(process.env['WHYD_FUZZ_BYTES'] ?? 1_000_000);
const FIRST_SEED = Number(process.env['WHYD_FUZZ_SEED'] ?? 20_261_124);
/** A hang, not a slow machine: a mutant takes milliseconds. */
const MAX_MS = 30_000;
const MAX_GROWTH_BYTES = 16 << 20;

/** Whole numbers below a limit, from a seed. */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * limit);
  };
}

type Mutation = (log: Buffer, below: (limit: number) => number) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  // Bytes changed at random.
  (log, below) => {
    const changed = Buffer.from(log);
    for (let count = below(200); count > 0; count--) changed[below(changed.length)] = below(256);
    return changed;
  },
  // A stretch cut out, or written twice.
  (log, below) => Buffer.concat([log.subarray(0, below(log.length)), log.subarray(below(log.length))]),
  // A run of one byte: NULs, quotes, tabs, line ends.
  (log, below) => {
    const at = below(log.length);
    return Buffer.concat([
      log.subarray(0, at),
      Buffer.alloc(below(20_000), ['\0', '"', '\t', '\n', ':', '\xff', ' '][below(7)], 'latin1'),
      log.subarray(at),
    ]);
  },
  // Line ends lost, or doubled.
  (log, below) =>
    Buffer.from(
      log.toString('latin1').replaceAll('\n', () => ['\n', '\n', '\n', '', '\r\n', '\n\n'][below(6)] ?? '\n'),
      'latin1',
    ),
  // Pieces of several captures shuffled together.
  (log, below) => {
    const other = CAPTURES[below(CAPTURES.length)] ?? log;
    const pieces = Array.from({ length: 20 }, (_, index) => {
      const from = below((index % 2 === 0 ? log : other).length);
      return (index % 2 === 0 ? log : other).subarray(from, from + below(4000));
    });
    return Buffer.concat(pieces);
  },
];

function mutantOf(seed: number): { readonly log: Buffer; readonly cuts: readonly number[] } {
  const below = numbersFrom(seed);
  let log: Buffer = CAPTURES[below(CAPTURES.length)] ?? Buffer.alloc(0);
  for (let count = 1 + below(3); count > 0 && log.length > 0; count--)
    log = MUTATIONS[below(MUTATIONS.length)]?.(log, below) ?? log;
  return { log, cuts: Array.from({ length: below(6) }, () => below(log.length + 1)) };
}

/** Reads the mutant of a seed; its size in bytes. */
function readMutant(seed: number): number {
  const { log, cuts } = mutantOf(seed);
  const start = performance.now();
  const { events, counts } = parseText(log, { cuts });
  const tookMs = performance.now() - start;
  expect(tookMs, `seed ${String(seed)}`).toBeLessThan(MAX_MS);
  expect(counts.events, `seed ${String(seed)}`).toBe(events.length);
  expect(counts.lines, `seed ${String(seed)}`).toBe(
    log.filter((byte) => byte === 10).length + (log.length > 0 && log.at(-1) !== 10 ? 1 : 0),
  );
  return log.length;
}

describe('mutated captures', () => {
  it(`never throw, hang or grow (seed ${String(FIRST_SEED)})`, { timeout: 60_000 + TOTAL_BYTES / 50 }, () => {
    // The first mutants fill the caches that are meant to stay.
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 5; seed++) readMutant(seed);
    const before = retainedBytes();
    let bytes = 0;
    for (let seed = FIRST_SEED; bytes < TOTAL_BYTES; seed++) bytes += Math.max(1, readMutant(seed));
    expect(retainedBytes() - before).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it('are read the same with the scan for noise and without it, and wherever they are cut', { timeout: 60_000 }, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 15; seed++) {
      const { log, cuts } = mutantOf(seed);
      const whole = parseText(log, { scansNoise: false }).events;
      expect(parseText(log).events, `seed ${String(seed)}`).toEqual(whole);
      expect(parseText(log, { cuts }).events, `seed ${String(seed)}, cut`).toEqual(whole);
    }
  });
});
