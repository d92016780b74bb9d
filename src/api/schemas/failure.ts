import { Type } from 'typebox';
import { readonlyList } from './readonly-list.ts';
import { CauseSchema, CertaintySchema, ProbabilitySchema } from './cause.ts';
import { SourceKindSchema } from './source.ts';

const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'ISO 8601, UTC' });

const place = {
  file: Type.String(),
  line: Type.Integer({ minimum: 1, description: '1-based physical line' }),
  byteStart: Type.Integer({ minimum: 0 }),
  byteEnd: Type.Integer({ minimum: 0 }),
};

export const OperationSchema = Type.Union([Type.Literal('atomic_write'), Type.Literal('snapshot_read')]);

const CoverageSchema = Type.Union([
  Type.Literal('complete'),
  Type.Literal('gap'),
  Type.Literal('behind'),
  Type.Literal('absent'),
]);

const EntrySchema = Type.Object({
  ...place,
  pid: Type.Union([Type.Integer(), Type.Null()]),
  at: Time,
  confidence: ProbabilitySchema,
  text: Type.String(),
});

const AlternativeSchema = Type.Object({
  file: Type.String(),
  line: Type.Integer(),
  confidence: ProbabilitySchema,
  why: Type.Optional(Type.String({ description: 'why it lost against the entry that was named' })),
});

const RemedySchema = Type.Object({ do: Type.String(), why: Type.String() });

export const EpisodeSchema = Type.Object(
  { id: Type.String(), attempt: Type.Integer({ minimum: 1 }) },
  { description: 'one request, sent again and again because it failed' },
);

const DeadlockSchema = Type.Object({
  parties: readonlyList(
    Type.Object({
      pid: Type.Integer(),
      waitsFor: Type.String(),
      heldBy: Type.Integer({ description: 'the pid of the party that holds it' }),
      statement: Text,
      application: Text,
    }),
    { description: 'each waits for what the next one holds, the last for what the first holds' },
  ),
});

const RootSchema = Type.Object({
  cause: Type.String(),
  file: Type.String(),
  line: Type.Integer(),
  text: Type.String(),
});

/** A verdict, field for field as in the domain. */
export const FailureSchema = Type.Object({
  kind: Type.Literal('failure'),
  id: Type.String(),
  at: Time,
  atPrecision: Type.Union([
    Type.Literal('second'),
    Type.Literal('millisecond'),
    Type.Literal('microsecond'),
    Type.Null(),
  ]),
  status: Type.Literal(500),
  operation: Type.Union([OperationSchema, Type.Null()]),
  requestId: Text,
  symptom: Type.Object({ source: SourceKindSchema, ...place, text: Type.String() }),
  cause: CauseSchema,
  postgres: Type.Union([EntrySchema, Type.Null()]),
  alternatives: readonlyList(AlternativeSchema),
  root: Type.Union([RootSchema, Type.Null()]),
  evidence: readonlyList(Type.Object({ rule: Type.String(), weight: Type.Number(), says: Type.String() })),
  remedies: readonlyList(RemedySchema),
  coverage: Type.Object({ denokv: CoverageSchema, postgres: CoverageSchema, settled: Type.Boolean() }),
  inferred: Type.Optional(
    Type.Literal(true, { description: 'this build logs no 500: the symptom is the Postgres entry itself' }),
  ),
  issue: Type.String(),
  episode: Type.Optional(EpisodeSchema),
  deadlock: Type.Optional(DeadlockSchema),
  notAvailable: Type.Optional(readonlyList(Type.String(), { description: 'what would have made the answer surer' })),
  wouldHelp: Type.Optional(RemedySchema),
});

export const FailureListSchema = Type.Object({
  items: readonlyList(FailureSchema, { description: 'newest first' }),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'opaque; null on the last page' }),
});

export const FailureIdSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });

const TimeParameter = Type.String({
  maxLength: 64,
  description: 'ISO 8601, a local clock time (14:03:12) or a span (15m: so long ago)',
});

export const FailureQuerySchema = Type.Object(
  {
    since: Type.Optional(TimeParameter),
    until: Type.Optional(TimeParameter),
    cause: Type.Optional(Type.String({ maxLength: 64 })),
    operation: Type.Optional(OperationSchema),
    sqlstate: Type.Optional(Type.String({ pattern: '^[0-9A-Za-z]{5}$' })),
    certainty: Type.Optional(CertaintySchema),
    q: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description: 'a piece of the text, case ignored' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  // A mistyped filter must not answer with every failure there is.
  { additionalProperties: false },
);
