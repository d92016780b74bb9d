import type { Incident } from '../domain.ts';
import { formatUtc } from '../time/rfc3339.ts';

/** An incident as one line of JSON. */
export function toIncidentRow(incident: Incident): Readonly<Record<string, unknown>> {
  const { id, cause, category, startUs, endUs, summary, opening, text, failures, share, evidence } = incident;
  const { file, line, byteStart, byteEnd } = opening;
  const times = { startAt: formatUtc(startUs), endAt: endUs === null ? null : formatUtc(endUs) };
  const place = { file, line, byteStart, byteEnd };
  return { kind: 'incident', id, cause, category, ...times, summary, ...place, text, failures, share, evidence };
}
