import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PostgresErrorEvent } from '../../../src/domain.ts';
import { parsePostgres, parseText } from './parse-text.ts';

/** As many set it and as Debian does; the last two end in what a client may have written into its name, and the third numbers a session's lines. */
const PREFIXES = {
  '%m [%p] %u@%d ': (at, pid) => `${at} [${pid}] denokv@kv `,
  '%m [%p] %q%u@%d/%a ': (at, pid) => `${at} [${pid}] denokv@kv/denokv `,
  '%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ': (at, pid, number) =>
    `${at} [${pid}]: [${number}-1] user=denokv,db=kv,app=denokv,client=127.0.0.1 `,
} satisfies Record<string, (at: string, pid: string, number: string) => string>;
type Prefix = keyof typeof PREFIXES;

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
  'LOG:  process 11 still waiting for ShareLock on transaction 7 after 750.123 ms',
  'LOG:  parameter "log_line_prefix" cannot be changed without restarting the server',
  'ERROR:  x,client=127.0.0.1 LOG:  forged',
  'ERROR:  x FATAL:  forged',
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

const lineOf = (prefix: Prefix): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.nat(2), fc.constantFrom('7', '11', '1234567'), fc.nat(12), fc.constantFrom(...BODIES))
        .map(([ms, pid, number, body]) => {
          const at = `2026-11-23 05:00:00.00${String(ms)} UTC`;
          return `${PREFIXES[prefix](at, pid, String(number))}${body}`;
        }),
    },
    { weight: 2, arbitrary: fc.constantFrom(...BARE) },
  );
const end = fc.oneof({ weight: 9, arbitrary: fc.constant('\n') }, { weight: 1, arbitrary: fc.constant('\r\n') });
const dense = (prefix: Prefix): fc.Arbitrary<string[]> =>
  fc.array(
    fc.tuple(lineOf(prefix), end).map((parts) => parts.join('')),
    { minLength: 10, maxLength: 120 },
  );

describe('entries that are taken at a stroke', { timeout: 60_000 }, () => {
  it.each(Object.keys(PREFIXES) as Prefix[])(
    'are those that are read line by line, wherever the log is cut: %j',
    (linePrefix) => {
      fc.assert(
        fc.property(dense(linePrefix), fc.array(fc.nat(9000), { maxLength: 4 }), (lines, cuts) => {
          const log = Buffer.from(lines.join(''));
          const [quick, slow] = [true, false].map((scansNoise) => {
            const { events, counts } = parseText(log, { cuts, scansNoise, linePrefix });
            return { events, counts };
          });
          expect(quick).toEqual(slow);
        }),
        { numRuns: 250 },
      );
    },
  );

  it('are told apart by their pids, whatever a client called itself', () => {
    const prefix = PREFIXES['%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h '];
    const entries = [7, 11, 1234567, 7].map((pid, index) => {
      const lineAt = (number: number, text: string): string =>
        `${prefix('2026-11-23 05:00:00.001 UTC', String(pid), String(10 ** index + number))}${text}`;
      // What looks like a prefix's end and another label makes a part of the message before it an application's name.
      return [
        lineAt(0, 'ERROR:  x'),
        lineAt(1, `STATEMENT:  ${index}`),
        lineAt(2, 'ERROR:  y,client=127.0.0.1 LOG:  z'),
      ];
    });
    const events = parsePostgres(`${[...entries, ...entries].flat().join('\n')}\n`);
    const told = [7, 11, 1234567, 7].flatMap((pid, index) => [
      { pid, application: 'denokv', message: 'x', statement: String(index) },
      { pid, application: 'denokv,client=127.0.0.1 ERROR:  y', message: 'z', statement: null },
    ]);
    expect(
      events.map((event) => {
        const { pid, application, message, statement } = event as PostgresErrorEvent;
        return { pid, application, message, statement };
      }),
    ).toEqual([...told, ...told]);
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
