import { Type } from 'typebox';
import { CategorySchema } from './cause.ts';
import { readonlyList } from './readonly-list.ts';
import { oneOf, Time, TimeParameter } from './words.ts';

const Count = Type.Integer({ minimum: 0 });

/** How many failures, when and of what. */
export const StatsSchema = Type.Object({
  bucketSeconds: Type.Integer({ minimum: 1 }),
  buckets: readonlyList(Type.Object({ at: Time, causes: Type.Record(Type.String(), Count) }), {
    description: 'oldest first; empty ones too',
  }),
  causes: readonlyList(Type.Object({ cause: Type.String(), category: CategorySchema, count: Count }), {
    description: 'most frequent first',
  }),
  openIssues: Count,
  openIncidents: Count,
  failures: Count,
});

export const StatsQuerySchema = Type.Object(
  {
    since: Type.Optional(TimeParameter),
    until: Type.Optional(TimeParameter),
    bucket: Type.Optional(oneOf(['1m', '1h'], 'a minute for spans up to six hours, else an hour')),
  },
  { additionalProperties: false },
);
