import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseText } from './parse-text.ts';
import { NOISY_PREFIXES, noisyLog, type Form } from './noisy-log.ts';

const CUTS = fc.array(fc.nat(20_000), { maxLength: 6 });

/** With the scan and without it. How many statements a damaged log holds is a matter of opinion; what else it holds is not. */
function bothWays(log: Buffer, cuts: readonly number[], { isDamaged = false } = {}): [fast: object, careful: object] {
  const [fast, careful] = [true, false].map((scansNoise) => {
    const { events, counts, linePrefix } = parseText(log, { cuts, scansNoise });
    return { events, lines: counts.lines, linePrefix, statements: isDamaged ? null : counts.statements };
  });
  return [fast ?? {}, careful ?? {}];
}

/** Thousands of logs are read twice: on a busy machine that takes its time. */
const TIMEOUT_MS = 180_000;

describe('passing over statement noise by a scan', { timeout: TIMEOUT_MS }, () => {
  it.each(NOISY_PREFIXES)('gives the events of reading every line: stderr, prefix %j', (linePrefix) => {
    fc.assert(
      fc.property(noisyLog('stderr', linePrefix), CUTS, (log, cuts) => {
        const [fast, careful] = bothWays(log, cuts);
        expect(fast).toEqual(careful);
      }),
      { numRuns: 150 },
    );
  });

  it.each<Form>(['csv', 'json'])('gives the events of reading every line: %s', (form) => {
    fc.assert(
      fc.property(noisyLog(form, ''), CUTS, (log, cuts) => {
        const [fast, careful] = bothWays(log, cuts, { isDamaged: true });
        expect(fast).toEqual(careful);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(noisyLog(form, '', { intruders: false }), CUTS, (log, cuts) => {
        const [fast, careful] = bothWays(log, cuts);
        expect(fast).toEqual(careful);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['edge.log', 'edge.csv', 'edge.json', 'failures.log', 'failures.csv', 'failures.json'])(
    'gives the same for %s',
    (name) => {
      const log = readFileSync(join(import.meta.dirname, '../../../fixtures/logs/three-forms', name));
      const [fast, careful] = bothWays(log, [1000, 7777, 30_000]);
      expect(fast).toEqual(careful);
    },
  );

  it('leaves an entry its sections that were held until the prefix was known, whatever its backend said after them', () => {
    const line = (pid: number, session: string, text: string): string =>
      `2026-11-24 18:44:27.961 UTC [${String(pid)}] ${session}${text}\n`;
    const start = [1, 2, 3].map((number) => line(1, '', `LOG:  listening on address ${String(number)}`)).join('');
    const errors = Array.from({ length: 20 }, (_, number) =>
      [
        `LOG:  statement: SELECT f${String(number)}()`,
        `ERROR:  no f${String(number)}`,
        'HINT:  Add one.',
        'STATEMENT:  S',
      ]
        .map((text) => line(7, 'denokv@kv ', text))
        .join(''),
    ).join('');
    // Decided on what the server says of itself, which names no session: what the sessions say fits only once eight lines did not.
    const { events } = parseText(start + errors, { cuts: [start.length - 10], pauses: true });
    const lastOf = new Map(events.map((event) => [event.citation.byteStart, event]));
    const found = [...lastOf.values()].filter((event) => event.kind === 'postgres_error');
    expect(found.map(({ hint, statement, user }) => [hint, statement, user])).toEqual(
      Array.from({ length: 20 }, () => ['Add one.', 'S', 'denokv']),
    );
  });

  it('passes over nearly all of a log of statements', () => {
    const line = (index: number): string =>
      `2026-11-23 05:00:00.000 UTC [${String(index % 7)}] LOG:  statement: SELECT ${String(index)}\n\t, 2\n`;
    const log = Buffer.from(Array.from({ length: 20_000 }, (_, index) => line(index)).join(''));
    const { events, counts } = parseText(log, { cuts: [100_000, 600_000] });
    expect(events).toEqual([]);
    expect(counts).toMatchObject({ lines: 40_000, statements: 20_000, unrecognised: 0 });
  });
});
