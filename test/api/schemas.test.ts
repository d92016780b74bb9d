import { expectTypeOf, test } from 'vitest';
import type { Static } from 'typebox';
import { FailureSchema } from '../../src/api/schemas/failure.ts';
import { SourceSchema } from '../../src/api/schemas/source.ts';
import type { SourceStatus, Verdict } from '../../src/domain.ts';
import { Value } from 'typebox/value';
import { expect } from 'vitest';
import { makeSource, makeVerdict } from '../query/memory-reader.ts';

test('the schemas describe what the domain sends', () => {
  // Types are checked by the compiler, values here: a field that either side gains alone fails one of them.
  expectTypeOf<Verdict>().toExtend<Static<typeof FailureSchema>>();
  expectTypeOf<SourceStatus>().toExtend<Static<typeof SourceSchema>>();
  const whole = makeVerdict({
    alternatives: [{ file: 'postgresql.log', line: 470, confidence: 0.02, why: 'farther in time' }],
    inferred: true,
    episode: { id: 'e_1', attempt: 2 },
    deadlock: {
      parties: [{ pid: 1, waitsFor: 'ShareLock on transaction 739', heldBy: 2, statement: null, application: null }],
    },
    notAvailable: ['no pid'],
    wouldHelp: { do: 'set log_line_prefix', why: 'it tells the session' },
  });
  expect(Value.Check(FailureSchema, makeVerdict())).toBe(true);
  expect(Value.Check(FailureSchema, whole)).toBe(true);
  expect(Value.Check(SourceSchema, makeSource())).toBe(true);
  expect(Object.keys(FailureSchema.properties).sort()).toEqual(Object.keys(whole).sort());
  expect(Object.keys(SourceSchema.properties).sort()).toEqual(Object.keys(makeSource()).sort());
});
