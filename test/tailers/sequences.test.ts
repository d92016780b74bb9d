import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bench } from './bench.ts';
import { NumberedWriter } from './numbered-writer.ts';

/** Both may be set from outside: more sequences for a long run, the seed to see a failure again. */
const RUNS = Number(process.env['WHYD_SEQUENCES'] ?? 2000);
const SEED = Number(process.env['WHYD_SEQUENCES_SEED'] ?? 20_261_124);

const NAMES = ['x.log', 'y.log'] as const;

/** What the writers do, each to its own file. */
const WRITER_MOVES = ['writePart', 'rotate', 'copyTruncate', 'truncate', 'delete', 'reopen'] as const;
type WriterMove = (typeof WRITER_MOVES)[number];
/** What happens to the reader. */
const READER_MOVES = ['look', 'settle', 'restart', 'refuse', 'killInCommit'] as const;
type ReaderMove = (typeof READER_MOVES)[number];

type Act =
  | { readonly who: 0 | 1; readonly lines: number }
  | { readonly who: 0 | 1; readonly move: WriterMove }
  | { readonly move: ReaderMove };

const who = fc.constantFrom(0 as const, 1 as const);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ who, lines: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 6, arbitrary: fc.record({ who, move: fc.constantFrom(...WRITER_MOVES) }) },
  { weight: 8, arbitrary: fc.record({ move: fc.constantFrom(...READER_MOVES) }) },
);

async function moveReader(move: ReaderMove, bench: Bench): Promise<void> {
  switch (move) {
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
    case 'refuse':
      bench.ledger.refuse = new Error('database or disk is full');
      await bench.look();
      bench.ledger.refuse = null;
      return;
    case 'killInCommit':
      bench.ledger.dieAfterCommit = true;
      await bench.look();
      bench.ledger.dieAfterCommit = false;
      bench.restart();
      return;
  }
}

async function perform(step: Act, writers: readonly NumberedWriter[], bench: Bench): Promise<void> {
  if (!('who' in step)) {
    await moveReader(step.move, bench);
    return;
  }
  const writer = writers[step.who];
  if ('lines' in step) writer?.write(step.lines);
  else writer?.[step.move]();
}

function check(writer: NumberedWriter, name: string, bench: Bench): void {
  const received = bench.ledger.lines.filter((line) => writer.written.includes(line));
  const lost = writer.written.filter((line) => !received.includes(line));
  const kept = writer.written.filter((line) => received.includes(line));
  // A deleted file has no place in the order of those that are left.
  if (writer.wasRough) expect([...received].sort()).toEqual([...kept].sort());
  else expect(received).toEqual(kept);
  expect(lost.filter((line) => !writer.perishable.has(line))).toEqual([]);
  const gaps = bench.ledger.gaps.filter((gap) => gap.file.path.startsWith(bench.path(name)));
  if (lost.some((line) => !writer.unseen.has(line))) expect(gaps).not.toEqual([]);
  if (!writer.wasRough) expect(gaps.filter(({ bytesLost }) => bytesLost !== 0)).toEqual([]);
}

/** Lines that nobody wrote. The beginning of a line that a truncation cut off is a line of its own. */
function strangers(bench: Bench, writers: readonly NumberedWriter[]): readonly string[] {
  const written = new Set(writers.flatMap((writer) => writer.written));
  const perishable = writers.flatMap((writer) => [...writer.perishable]);
  return bench.ledger.lines.filter((line) => !written.has(line) && !perishable.some((whole) => whole.startsWith(line)));
}

test(
  `received = written, once, in order, or a gap, through ${String(RUNS)} sequences (seed ${String(SEED)})`,
  async () => {
    const property = fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async (steps) => {
      const bench = new Bench([...NAMES]);
      const writers = NAMES.map((name) => new NumberedWriter(bench, name));
      try {
        await bench.settle();
        for (const step of steps) await perform(step, writers, bench);
        for (const writer of writers) writer.reopen();
        await bench.settle();
        for (const [index, writer] of writers.entries()) check(writer, NAMES[index] ?? '', bench);
        expect(bench.ledger.repeats).toBe(0);
        expect(strangers(bench, writers)).toEqual([]);
      } finally {
        for (const writer of writers) writer.close();
        bench.close();
      }
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  },
  RUNS * 60,
);
