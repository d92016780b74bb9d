import { Type } from 'typebox';
import { COUNTED_UP_TO } from '../../counted-up-to.ts';
import { readonlyList } from './readonly-list.ts';
import { DroppedSchema } from './dropped.ts';
import { FailureSchema } from './failure.ts';
import { GapSchema, SourceSchema } from './source.ts';
import { oneOf } from './words.ts';

export const WhyQuerySchema = Type.Object(
  {
    q: Type.String({
      minLength: 1,
      maxLength: 1_000,
      description:
        'last, a failure, issue, incident, request or trace id, a time, a KV key as JSON, an SQLSTATE, a cause, an operation or a piece of the error text',
    }),
  },
  { additionalProperties: false },
);

const MatchSchema = Type.Object({
  how: oneOf(
    ['last', 'id', 'request', 'time', 'issue', 'incident', 'key', 'sqlstate', 'cause', 'operation', 'text'],
    'how the question was read and met',
  ),
  distanceMs: Type.Union([Type.Number(), Type.Null()], {
    description: 'from the asked time; null for other questions',
  }),
  same: Type.Integer({ minimum: 0, description: 'so many more failures of the same issue fit as well' }),
  verdict: FailureSchema,
});

export const WhyAnswerSchema = Type.Object({
  query: Type.String(),
  result: oneOf(
    ['match', 'ambiguous', 'dropped', 'no_match'],
    'match: all that fits is one issue; dropped: no failure fits, but the request that was asked for got no answer',
  ),
  total: Type.Integer({ minimum: 0, description: `failures that fit, counted up to ${String(COUNTED_UP_TO)}` }),
  matches: readonlyList(MatchSchema, { description: 'one of each issue, best first' }),
  dropped: readonlyList(DroppedSchema, { description: 'attempts of that request without an answer, oldest first' }),
  sources: readonlyList(SourceSchema, { description: 'what was read' }),
  gaps: readonlyList(GapSchema, {
    description: 'where lines of the logs were lost: those at an asked time first, then the newest',
  }),
  coverage: readonlyList(Type.String(), { description: 'what may be missing because a log was not read whole' }),
});
