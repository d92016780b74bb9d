import type { IncidentRecord } from './domain.ts';

/** Incidents of one cause that overlap in time, as a storm of locks makes them: one condition to who reads of them. */
export interface IncidentRun {
  /** The one that explains most stands for them. */
  readonly shown: IncidentRecord;
  /** The others that overlap, newest first. */
  readonly others: readonly IncidentRecord[];
}

/** Fewer are no longer to read each by itself. */
const FEWEST_TO_FOLD = 3;

/** Puts incidents, newest first, into runs. What is open stands by itself: it is what one looks for. */
export function incidentRuns(incidents: readonly IncidentRecord[]): readonly IncidentRun[] {
  const runs: IncidentRecord[][] = [];
  let earliest = '';
  for (const incident of incidents) {
    const run = runs.at(-1);
    const { cause, startAt, endAt } = incident;
    const isPart = run?.[0]?.cause === cause && run[0].endAt !== null && endAt !== null && endAt >= earliest;
    if (isPart) run.push(incident);
    else runs.push([incident]);
    earliest = isPart && earliest < startAt ? earliest : startAt;
  }
  return runs.flatMap((run) => (run.length < FEWEST_TO_FOLD ? run.map(alone) : [folded(run)]));
}

export function alone(incident: IncidentRecord): IncidentRun {
  return { shown: incident, others: [] };
}

function folded(run: readonly IncidentRecord[]): IncidentRun {
  const shown = run.reduce((most, one) => (one.failures > most.failures ? one : most));
  return { shown, others: run.filter((one) => one !== shown) };
}
