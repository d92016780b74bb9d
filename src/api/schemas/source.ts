import { Type } from 'typebox';
import { readonlyList } from './readonly-list.ts';

export const SourceKindSchema = Type.Union([Type.Literal('denokv'), Type.Literal('postgres'), Type.Literal('proxy')]);

const Text = Type.Union([Type.String(), Type.Null()]);

const FormatSchema = Type.Union([
  Type.Literal('postgres_stderr'),
  Type.Literal('postgres_csv'),
  Type.Literal('postgres_json'),
  Type.Literal('kernel'),
  Type.Literal('denokv'),
  Type.Literal('proxy'),
]);

const DetectionSchema = Type.Object({
  kind: SourceKindSchema,
  format: FormatSchema,
  linePrefix: Text,
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
});

const CountsSchema = Type.Object({
  lines: Type.Integer(),
  events: Type.Integer(),
  statements: Type.Integer(),
  unrecognised: Type.Integer(),
  truncated: Type.Integer(),
  example: Text,
});

export const SourceSchema = Type.Object({
  kind: SourceKindSchema,
  path: Type.String(),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('reading'),
    Type.Literal('following'),
    Type.Literal('failing'),
  ]),
  reason: Text,
  hint: Text,
  offset: Type.Integer(),
  sizeBytes: Type.Integer(),
  lagBytes: Type.Integer(),
  gaps: Type.Integer(),
  detection: Type.Union([DetectionSchema, Type.Null()]),
  counts: CountsSchema,
  newestAt: Text,
});

export const SourceListSchema = Type.Object({ items: readonlyList(SourceSchema) });

export const GapSchema = Type.Object({
  kind: SourceKindSchema,
  path: Type.String(),
  from: Type.Union([Type.String(), Type.Null()], {
    description: 'time of the newest event that was read before it; null: there was none',
  }),
  to: Type.Union([Type.String(), Type.Null()], {
    description: 'time of the first event after it; null: none has come yet',
  }),
  reason: Type.String({ description: 'what befell the log' }),
  bytesLost: Type.Union([Type.Integer(), Type.Null()]),
});
