import { expectTypeOf, test } from 'vitest';
import type { Static } from 'typebox';
import { FailureSchema } from '../../src/api/schemas/failure.ts';
import { SourceSchema } from '../../src/api/schemas/source.ts';
import type { EventSchema, TimelineSchema } from '../../src/api/schemas/event.ts';
import type { IncidentSchema } from '../../src/api/schemas/incident.ts';
import type { IssueSchema } from '../../src/api/schemas/issue.ts';
import type { MarkerSchema } from '../../src/api/schemas/marker.ts';
import type { StatsSchema } from '../../src/api/schemas/stats.ts';
import type { WhyAnswerSchema } from '../../src/api/schemas/why.ts';
import type {
  EventRecord,
  IncidentRecord,
  Issue,
  Marker,
  SourceStatus,
  Stats,
  Timeline,
  Verdict,
  WhyAnswer,
} from '../../src/domain.ts';
import { Value } from 'typebox/value';
import { expect } from 'vitest';
import { makeSource, makeVerdict } from '../query/memory-reader.ts';

test('the schemas describe what the domain sends', () => {
  // Types are checked by the compiler, values here: a field that either side gains alone fails one of them.
  expectTypeOf<Verdict>().toExtend<Static<typeof FailureSchema>>();
  expectTypeOf<Issue>().toExtend<Static<typeof IssueSchema>>();
  expectTypeOf<IncidentRecord>().toExtend<Static<typeof IncidentSchema>>();
  expectTypeOf<EventRecord>().toExtend<Static<typeof EventSchema>>();
  expectTypeOf<Timeline>().toExtend<Static<typeof TimelineSchema>>();
  expectTypeOf<Stats>().toExtend<Static<typeof StatsSchema>>();
  expectTypeOf<Marker>().toExtend<Static<typeof MarkerSchema>>();
  expectTypeOf<WhyAnswer>().toExtend<Static<typeof WhyAnswerSchema>>();
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
