import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePostgres, parseText } from './parse-text.ts';

const PREFIX = '%m [%p] %u@%d ';

/** What a line may hold behind its prefix; the commonest several times. */
const BODIES = [
  'ERROR:  deadlock detected',
  'ERROR:  deadlock detected',
  'ERROR:  40P01: deadlock detected',
  'FATAL:  sorry, too many clients already',
  'ERROR:  größer als „erlaubt“',
  'ERROR:  ',
  'WARNING:  there is no transaction in progress',
  'LOG:  statement: SELECT 1',
  'LOG:  checkpoint starting: time',
  'DETAIL:  Process 1 waits for ShareLock on transaction 7; blocked by process 2.',
  'DETAIL:  Process 1 waits for ShareLock on transaction 7; blocked by process 2.',
  'DETAIL:  Schlüssel »ä« existiert bereits.',
  'DÉTAIL : La clé existe.',
  'HINT:  See server log for query details.',
  'CONTEXT:  while updating tuple (0,1)',
  'QUERY:  SELECT f()',
  'LOCATION:  DeadLockReport, deadlock.c:1148',
  'STATEMENT:  UPDATE t SET v = v + 1 WHERE k = 0',
  'STATEMENT:  UPDATE t SET v = v + 1 WHERE k = 0',
  'STATEMENT:  ',
  'DETAIL:',
  'no label',
] as const;
/** Lines without a prefix. */
const BARE = [
  '',
  '\t',
  '\tSET v = 2',
  '\tSET v = ü',
  '        SET v = 3',
  '\tERROR:  x',
  `\t${'x'.repeat(5000)}`,
  'junk',
  // Torn: another writer's entry begins inside it.
  `\t${'x'.repeat(5000)}2026-11-23 05:00:00.001 UTC [11] denokv@kv ERROR:  torn`,
];

const line = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.nat(2), fc.nat(1), fc.constantFrom(...BODIES))
      .map(([ms, pid, body]) => `2026-11-23 05:00:00.00${String(ms)} UTC [${String(10 + pid)}] denokv@kv ${body}`),
  },
  { weight: 2, arbitrary: fc.constantFrom(...BARE) },
);
const end = fc.oneof({ weight: 9, arbitrary: fc.constant('\n') }, { weight: 1, arbitrary: fc.constant('\r\n') });
const dense = fc.array(
  fc.tuple(line, end).map((parts) => parts.join('')),
  { minLength: 10, maxLength: 120 },
);

describe('entries that are taken at a stroke', { timeout: 60_000 }, () => {
  it('are those that are read line by line, wherever the log is cut', () => {
    fc.assert(
      fc.property(dense, fc.array(fc.nat(9000), { maxLength: 4 }), (lines, cuts) => {
        const log = Buffer.from(lines.join(''));
        const [quick, slow] = [true, false].map((scansNoise) => {
          const { events, counts } = parseText(log, { cuts, scansNoise, linePrefix: PREFIX });
          return { events, counts };
        });
        expect(quick).toEqual(slow);
      }),
      { numRuns: 400 },
    );
  });

  it('keep their sections, their places and who spoke, over many times the bytes that are read at once', () => {
    const entry = (index: number): string => {
      const head = `2026-11-23 05:00:00.00${String(index % 10)} UTC [${String(100 + (index % 7))}] denokv@kv `;
      return `${head}ERROR:  deadlock detected\n${head}DETAIL:  Key ${String(index)}\n\tand more\n${head}STATEMENT:  \n\tSELECT 1\n\t  FROM t\n`;
    };
    const entries = Array.from({ length: 5000 }, (_, index) => entry(index));
    const events = parsePostgres(entries.join(''));
    expect(events).toHaveLength(entries.length);
    let byteStart = 0;
    for (const [index, text] of entries.entries()) {
      const { pid, message, detail, statement, citation } = events[index] ?? {};
      expect({ pid, message, detail, statement }).toEqual({
        pid: 100 + (index % 7),
        message: 'deadlock detected',
        detail: `Key ${String(index)}\nand more`,
        statement: '\nSELECT 1\n  FROM t',
      });
      expect(citation).toMatchObject({
        line: 6 * index + 1,
        lines: 6,
        byteStart,
        byteEnd: byteStart + text.length,
      });
      byteStart += text.length;
    }
  });
});
