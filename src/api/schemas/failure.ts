import { Type } from 'typebox';
import { readonlyList } from './readonly-list.ts';
import { CauseSchema, CertaintySchema, EvidenceSchema, ProbabilitySchema } from './cause.ts';
import { SourceKindSchema } from './source.ts';
import { CauseParameter, Cursor, pageParameters, SqlstateParameter, TextParameter, TimeParameter } from './words.ts';

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
  evidence: readonlyList(EvidenceSchema),
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
  nextCursor: Cursor,
});

export const FailureIdSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });

export const FailureQuerySchema = Type.Object(
  {
    since: Type.Optional(TimeParameter),
    until: Type.Optional(TimeParameter),
    cause: Type.Optional(CauseParameter),
    operation: Type.Optional(OperationSchema),
    sqlstate: Type.Optional(SqlstateParameter),
    certainty: Type.Optional(CertaintySchema),
    issue: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    incident: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    q: Type.Optional(TextParameter),
    ...pageParameters,
  },
  // A mistyped filter must not answer with every failure there is.
  { additionalProperties: false },
);
