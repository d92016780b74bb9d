import { Type } from 'typebox';
import { CategorySchema, EvidenceSchema, ProbabilitySchema } from './cause.ts';
import { readonlyList } from './readonly-list.ts';
import { CauseParameter, Cursor, pageParameters, Time, TimeParameter } from './words.ts';

/** An incident, field for field as in the domain. */
export const IncidentSchema = Type.Object({
  id: Type.String(),
  cause: Type.String({ description: 'a cause id, or lock_pile_up' }),
  category: CategorySchema,
  startAt: Time,
  endAt: Type.Union([Time, Type.Null()], { description: 'null while it is open' }),
  summary: Type.String(),
  file: Type.String(),
  line: Type.Integer({ minimum: 0 }),
  byteStart: Type.Integer(),
  byteEnd: Type.Integer(),
  text: Type.String(),
  failures: Type.Integer({ minimum: 0 }),
  share: ProbabilitySchema,
  evidence: readonlyList(EvidenceSchema),
});

export const IncidentListSchema = Type.Object({
  items: readonlyList(IncidentSchema, { description: 'newest first' }),
  nextCursor: Cursor,
});

export const IncidentIdSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });

export const IncidentQuerySchema = Type.Object(
  {
    since: Type.Optional(TimeParameter),
    until: Type.Optional(TimeParameter),
    cause: Type.Optional(CauseParameter),
    open: Type.Optional(Type.Boolean()),
    ...pageParameters,
  },
  { additionalProperties: false },
);
