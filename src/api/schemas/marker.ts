import { Type } from 'typebox';
import { readonlyList } from './readonly-list.ts';
import { Time, TimeParameter } from './words.ts';

export const MarkerSchema = Type.Object({ id: Type.Integer({ minimum: 1 }), at: Time, text: Type.String() });

export const MarkerListSchema = Type.Object({
  items: readonlyList(MarkerSchema, { description: 'newest first, at most 1,000' }),
  nextCursor: Type.Null(),
});

export const MarkerBodySchema = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 500 }),
    at: Type.Optional(Type.String({ format: 'date-time', description: 'ISO 8601 with its zone; now when absent' })),
  },
  { additionalProperties: false },
);

export const MarkerQuerySchema = Type.Object(
  { since: Type.Optional(TimeParameter), until: Type.Optional(TimeParameter) },
  { additionalProperties: false },
);
