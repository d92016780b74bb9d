import type { IncidentRecord, Verdict } from '../domain.ts';
import type { Client } from './client.ts';

/** A log of whole seconds says of a failure only in which second it fell. */
const SLACK_MS = 1_000;

/** The incident that a failure falls under, or null: a verdict names its root, and not the incident that the root opened. */
export async function findIncident(
  verdict: Verdict,
  client: Pick<Client, 'incidents'>,
): Promise<IncidentRecord | null> {
  if (verdict.at === null) return null;
  const atMs = Date.parse(verdict.at);
  const page = await client.incidents({
    since: new Date(atMs - SLACK_MS).toISOString(),
    until: new Date(atMs + SLACK_MS).toISOString(),
  });
  return pickIncident(verdict, page.items);
}

/** By the line that opened it; incidents that no line opens (a full disk, a pile-up of waits) by their cause. */
function pickIncident({ root, cause }: Verdict, incidents: readonly IncidentRecord[]): IncidentRecord | null {
  const opened = incidents.find(({ file, line }) => root !== null && file === root.file && line === root.line);
  if (opened !== undefined) return opened;
  const spell = root?.cause === 'lock_wait' ? 'lock_pile_up' : (root?.cause ?? cause.id);
  const alike = incidents.filter((one) => one.cause === spell);
  return alike.length === 1 ? (alike[0] ?? null) : null;
}
