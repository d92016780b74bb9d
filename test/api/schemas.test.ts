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
  expect(Value.Check(FailureSchema, makeVerdict())).toBe(true);
  expect(Value.Check(SourceSchema, makeSource())).toBe(true);
  expect(Object.keys(FailureSchema.properties).sort()).toEqual(Object.keys(makeVerdict()).sort());
  expect(Object.keys(SourceSchema.properties).sort()).toEqual(Object.keys(makeSource()).sort());
});
