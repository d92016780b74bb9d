import { Type } from 'typebox';
import { readonlyList } from './readonly-list.ts';
import { FailureSchema } from './failure.ts';
import { SourceSchema } from './source.ts';

export const WhyQuerySchema = Type.Object(
  {
    q: Type.String({
      minLength: 1,
      maxLength: 1_000,
      description: 'last, a failure id, a time, an SQLSTATE, a cause, an operation or a piece of the error text',
    }),
  },
  { additionalProperties: false },
);

const MatchSchema = Type.Object({
  how: Type.Union([
    Type.Literal('last'),
    Type.Literal('id'),
    Type.Literal('time'),
    Type.Literal('sqlstate'),
    Type.Literal('cause'),
    Type.Literal('operation'),
    Type.Literal('text'),
  ]),
  distanceMs: Type.Optional(
    Type.Union([Type.Number(), Type.Null()], { description: 'from the asked time; null for other questions' }),
  ),
  verdict: FailureSchema,
});

export const WhyAnswerSchema = Type.Object({
  query: Type.String(),
  result: Type.Union([Type.Literal('match'), Type.Literal('ambiguous'), Type.Literal('no_match')]),
  total: Type.Integer({ minimum: 0 }),
  matches: readonlyList(MatchSchema, { description: 'best first' }),
  sources: readonlyList(SourceSchema, { description: 'what was read' }),
});
