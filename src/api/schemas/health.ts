import { Type, type Static } from 'typebox';

/** What anyone on this host may know: no paths, no names. `starting` until the logs were read to their end once. */
export const HealthSchema = Type.Object({
  status: Type.Union([Type.Literal('starting'), Type.Literal('ok'), Type.Literal('failing')]),
  version: Type.String(),
});

export type HealthStatus = Static<typeof HealthSchema>['status'];
