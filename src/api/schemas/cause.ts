import { Type } from 'typebox';

export const CertaintySchema = Type.Union(
  [Type.Literal('certain'), Type.Literal('likely'), Type.Literal('possible'), Type.Literal('unknown')],
  { description: 'certain >= 0.99, likely >= 0.8, possible, unknown' },
);

export const CategorySchema = Type.Union([
  Type.Literal('pool_exhaustion'),
  Type.Literal('deadlock'),
  Type.Literal('timeout'),
  Type.Literal('schema'),
  Type.Literal('data_type'),
  Type.Literal('serialization'),
  Type.Literal('connection'),
  Type.Literal('constraint'),
  Type.Literal('permission'),
  Type.Literal('resource'),
  Type.Literal('internal'),
  Type.Literal('sqlite'),
  Type.Literal('unknown'),
]);

export const ProbabilitySchema = Type.Number({ minimum: 0, maximum: 1 });

export const CauseSchema = Type.Object({
  id: Type.String(),
  category: CategorySchema,
  sqlstate: Type.Union([Type.String(), Type.Null()]),
  summary: Type.String(),
  confidence: ProbabilitySchema,
  certainty: CertaintySchema,
});

export const EvidenceSchema = Type.Object({ rule: Type.String(), weight: Type.Number(), says: Type.String() });
