import { Type } from 'typebox';
import { CertaintySchema, EvidenceSchema, ProbabilitySchema } from './cause.ts';
import { EpisodeSchema, FailureSchema } from './failure.ts';
import { readonlyList } from './readonly-list.ts';
import { oneOf, oneOfOrNull, TextOrNull } from './words.ts';

const { at, atPrecision, symptom, root, remedies } = FailureSchema.properties;

/** A request without an answer, field for field as in the domain. */
export const DroppedSchema = Type.Object({
  kind: Type.Literal('dropped'),
  id: Type.String(),
  at,
  atPrecision,
  status: Type.Union([Type.Integer(), Type.Null()], {
    description: 'the proxy’s: 502, 503 or 504; null where only the panic is known',
  }),
  operation: oneOfOrNull(['atomic_write', 'snapshot_read', 'watch']),
  requestId: TextOrNull,
  client: TextOrNull,
  durationMs: Type.Union([Type.Number(), Type.Null()]),
  symptom,
  cause: Type.Object({
    id: oneOf(['panic', 'hang', 'unreachable']),
    summary: Type.String(),
    confidence: ProbabilitySchema,
    certainty: CertaintySchema,
  }),
  root,
  evidence: readonlyList(EvidenceSchema),
  remedies,
  episode: Type.Optional(EpisodeSchema),
});
