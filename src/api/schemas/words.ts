import { Type, type TUnsafe } from 'typebox';

/** A string that is one of the words. A plain `enum` keeps the OpenAPI document short and generators happy. */
export function oneOf<Word extends string>(words: readonly Word[], description?: string): TUnsafe<Word> {
  return Type.Unsafe<Word>({ type: 'string', enum: [...words], ...(description === undefined ? {} : { description }) });
}

/** The same, or null. */
export function oneOfOrNull<Word extends string>(words: readonly Word[]): TUnsafe<Word | null> {
  return Type.Unsafe<Word | null>({ type: ['string', 'null'], enum: [...words, null] });
}

export const TextOrNull = Type.Union([Type.String(), Type.Null()]);
export const IntegerOrNull = Type.Union([Type.Integer(), Type.Null()]);
export const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });
export const TimeOrNull = Type.Union([Time, Type.Null()]);
export const Cursor = Type.Union([Type.String(), Type.Null()], { description: 'opaque; null on the last page' });

/** Query parameters that several lists take. */
export const TimeParameter = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'ISO 8601, a local clock time (14:03:12) or a span (15m: so long ago)',
});
export const pageParameters = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
};
export const SqlstateParameter = Type.String({ pattern: '^[0-9A-Za-z]{5}$' });
export const CauseParameter = Type.String({ minLength: 1, maxLength: 64 });
export const TextParameter = Type.String({ minLength: 1, maxLength: 1_000 });
