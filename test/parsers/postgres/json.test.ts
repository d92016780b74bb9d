import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedOf, foundOf } from './expected.ts';
import { parsePostgres, parseText } from './parse-text.ts';
import { renderJson } from './render.ts';
import { HARD_NAMES, logOf } from './sessions.ts';

const RECORD =
  '{"timestamp":"2026-11-23 05:00:00.000 UTC","user":"alice","dbname":"kv","pid":7,"error_severity":"ERROR","state_code":"22012","message":"division \\u0062y zero","statement":"SELECT 1/0 -- \\"x\\"","new_in_19":{"a":[1]},"backend_type":"client backend"}';

describe('jsonlog', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(logOf(HARD_NAMES), fc.array(fc.nat(8000), { maxLength: 4 }), (entries, cuts) => {
        const found = parsePostgres(renderJson(entries).join(''), { cuts }).map(foundOf);
        expect(found).toEqual(entries.map((entry) => expectedOf(entry, '%m %c %u %d %a %h %e')));
      }),
      { numRuns: 25, seed: 4 },
    );
  });

  it('keeps what a key that it does not know stands beside', () => {
    expect(parsePostgres(`${RECORD}\n`)).toMatchObject([
      { pid: 7, message: 'division by zero', statement: 'SELECT 1/0 -- "x"', backendType: 'client backend' },
    ]);
  });

  it('gives the leading fields of a line that was cut anywhere behind its severity', () => {
    const severityEnd = RECORD.indexOf('"ERROR"') + '"ERROR"'.length;
    for (let end = 40; end < RECORD.length; end++) {
      const { events, counts } = parseText(`${RECORD}\n${RECORD.slice(0, end)}\n${RECORD}\n`);
      expect(events).toHaveLength(end < severityEnd ? 2 : 3);
      expect(counts.unrecognised).toBe(end < severityEnd ? 1 : 0);
      if (end >= severityEnd) expect(events[1]).toMatchObject({ severity: 'ERROR', user: 'alice', pid: 7 });
    }
  });

  it('finds a record behind the remains of another', () => {
    const log = `${RECORD}\n 8 s; syn${RECORD}\n${RECORD.slice(0, 150)}${RECORD}\n`;
    const { events, counts } = parseText(log);
    expect(events.map((event) => ('message' in event ? event.message : ''))).toEqual([
      'division by zero',
      'division by zero',
      'division ',
      'division by zero',
    ]);
    expect(counts.unrecognised).toBe(1);
  });
});
