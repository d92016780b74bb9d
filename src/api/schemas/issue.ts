import { Type } from 'typebox';
import { CategorySchema } from './cause.ts';
import { OperationSchema } from './failure.ts';
import { readonlyList } from './readonly-list.ts';
import { CauseParameter, Cursor, oneOf, pageParameters, TextOrNull, Time, TimeOrNull, TimeParameter } from './words.ts';

const StateSchema = oneOf(['open', 'muted', 'resolved']);

const FlagSchema = oneOf(
  ['new', 'regressed', 'escalating'],
  'new: first seen within a day; regressed: came back after it was resolved; escalating: many more in this hour than is usual for it',
);

const HourSchema = Type.Object({ at: Time, count: Type.Integer({ minimum: 0 }) });

/** An issue, field for field as in the domain. */
export const IssueSchema = Type.Object({
  id: Type.String(),
  state: StateSchema,
  flags: readonlyList(FlagSchema),
  cause: Type.String(),
  category: CategorySchema,
  sqlstate: TextOrNull,
  operation: Type.Union([OperationSchema, Type.Null()]),
  object: Type.Union([Type.String(), Type.Null()], { description: 'relation, constraint, column or function' }),
  title: Type.String(),
  text: Type.String({ description: 'what its failures say, with what differs between them taken out' }),
  count: Type.Integer({ minimum: 0 }),
  firstAt: TimeOrNull,
  lastAt: TimeOrNull,
  mutedUntil: TimeOrNull,
  resolvedAt: TimeOrNull,
  incident: Type.Union([Type.String(), Type.Null()], { description: 'under which its newest failure falls' }),
  lastFailure: Type.String(),
  hourly: readonlyList(HourSchema, { description: 'oldest first; hours without a failure are left out' }),
});

export const IssueListSchema = Type.Object({
  items: readonlyList(IssueSchema, { description: 'most recently seen first' }),
  nextCursor: Cursor,
});

export const IssueIdSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });

export const IssueQuerySchema = Type.Object(
  {
    state: Type.Optional(StateSchema),
    cause: Type.Optional(CauseParameter),
    since: Type.Optional(TimeParameter),
    ...pageParameters,
  },
  { additionalProperties: false },
);

/** For a while, until a moment, or until it is reopened. */
export const MuteSchema = Type.Object(
  {
    for: Type.Optional(Type.String({ minLength: 2, maxLength: 32, description: 'a span: 1h, 7d' })),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'ISO 8601 with its zone' })),
  },
  { additionalProperties: false },
);
